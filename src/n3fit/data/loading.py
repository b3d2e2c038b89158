"""Data sets by name."""

from __future__ import annotations

from pathlib import Path

from n3fit.data.cache import dataset_key, read_entry, write_entry
from n3fit.data.commondata import CommonData
from n3fit.data.library import (
    check_installed,
    current_name,
    library_folder,
    library_version,
    metadata_file,
    read_metadata,
)
from n3fit.data.own_data import check_name, find_root
from n3fit.data.reader import build_commondata, source_files
from n3fit.errors import DataError


def load_commondata(
    dataset: str, variant: str | None = None, *, root: Path | None = None, path: Path | None = None
) -> CommonData:
    """Read a data set with all its points, from the cache when that is up to date.

    Parameters
    ----------
    dataset : str
        ``<set>_<observable>``, for instance ``HERA_CC_318GEV_EM-SIGMARED``; positivity (``NNPDF_POS_*``) and
        integrability sets (``NNPDF_INTEG_*``) too. Names of old versions of the library are translated.
    variant : str, optional
        Variant of the data set; many sets have uncertainties in their variants only. ``a+b`` is variant a, and b
        on top of it.
    root : Path, optional
        Folder in the layout of the library's ``commondata``; default: the installed library, and the folders of
        data of the user.
    path : Path, optional
        A folder of data of the user, besides those that are always searched.

    Raises
    ------
    DataError
        The data set or variant does not exist (the message names the nearest), or its files are broken.
    """
    if root is None:
        check_name(dataset, path)
        dataset, variant = current_name(dataset, variant)
        root = find_root(dataset, variant, path)
    root = root.resolve()
    metadata_file(dataset, root)
    key = dataset_key(dataset, variant, root, library_version())
    cached = read_entry(key, root)
    if cached is not None:
        return cached
    metadata = read_metadata(dataset, variant, root)
    sources = source_files(metadata, root)
    commondata = build_commondata(metadata, variant)
    if root == library_folder().resolve():
        check_installed(sources)
    elif commondata.name.rpartition("_")[0] != dataset.rpartition("_")[0]:
        raise DataError(
            f"{sources[0]}: setname: expected the name of the folder, {sources[0].parent.name}, "
            f"received {commondata.name.rpartition('_')[0]}"
        )
    write_entry(key, commondata, sources, root)
    return commondata
