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
from n3fit.data.reader import build_commondata, source_files


def load_commondata(dataset: str, variant: str | None = None, *, root: Path | None = None) -> CommonData:
    """Read a data set of the data library with all its points, from the cache when that is up to date.

    Parameters
    ----------
    dataset : str
        ``<set>_<observable>``, for instance ``HERA_CC_318GEV_EM-SIGMARED``; positivity (``NNPDF_POS_*``) and
        integrability sets (``NNPDF_INTEG_*``) too. Names of old versions of the library are translated.
    variant : str, optional
        Variant of the data set; many sets have uncertainties in their variants only. ``a+b`` is variant a, and b
        on top of it.
    root : Path, optional
        Folder in the layout of the library's ``commondata``; default: the installed library.

    Raises
    ------
    DataError
        The data set or variant does not exist (the message names the nearest), or its files are broken.
    """
    if root is None:
        dataset, variant = current_name(dataset, variant)
        root = library_folder()
    root = root.resolve()
    metadata_file(dataset, root)
    key = dataset_key(dataset, variant, root, library_version())
    cached = read_entry(key, root)
    if cached is not None:
        return cached
    metadata = read_metadata(dataset, variant, root)
    sources = source_files(metadata)
    commondata = build_commondata(metadata, variant)
    check_installed(sources)
    write_entry(key, commondata, sources, root)
    return commondata
