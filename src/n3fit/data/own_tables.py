"""The FK tables that data sets name: those of the library, and those of the user beside them."""

from __future__ import annotations

from pathlib import Path

from n3fit.data.library_tables import TableUse, table_uses, table_uses_of_set
from n3fit.data.own_data import METADATA, own_folders
from n3fit.errors import DataError, n3fit_command


def all_table_uses(path: Path | None = None) -> list[TableUse]:
    """Return the tables of every data set of the library and of the user, one data set after the other.

    Parameters
    ----------
    path : Path, optional
        A folder with data sets of the user, besides those that are always searched. Of data sets with one name that of
        the library counts.

    Raises
    ------
    DataError
        There are no data sets in a folder of the user, or their metadata are wrong.
    """
    uses = table_uses()
    known = {use.dataset for use in uses}
    for folder in own_folders(path):
        own: list[TableUse] = []
        for metadata in sorted(folder.glob(f"*/{METADATA}")):
            own += [use for use in _uses_of_own_set(metadata.parent) if use.dataset not in known]
        uses += own
        known |= {use.dataset for use in own}
    return uses


def _uses_of_own_set(folder: Path) -> list[TableUse]:
    try:
        return table_uses_of_set(folder)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{folder / METADATA}: not the metadata of data sets",
            hint=f"`{n3fit_command('data', 'check', folder)}` lists what is wrong",
        ) from error
