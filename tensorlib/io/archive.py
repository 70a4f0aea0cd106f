"""Zip archives as files of tensors are; what else zip can do, such as grow, is refused."""

from __future__ import annotations

import zipfile

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def require_bounded(member: zipfile.ZipInfo) -> None:
    """Refuse what cannot be read piece by piece: a few bytes of bzip2 may become 100 million.

    Raises:
        ValueError: a member is compressed by another method than deflate.
    """
    if member.compress_type not in _METHODS:
        raise ValueError("it is compressed by a method other than deflate")


def is_stored(member: zipfile.ZipInfo, size: int) -> bool:
    """Tell whether a member is as it is in its file, which has so many bytes."""
    is_plain = member.compress_type == zipfile.ZIP_STORED
    return is_plain and member.compress_size == member.file_size <= size


def require_stored(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that holds more than the bytes of its file.

    Args:
        archive: the archive, open.
        size: the bytes of the file.

    Raises:
        ValueError: a member is compressed, or there twice, or they are larger than the file.
    """
    members = archive.infolist()
    if len({member.filename for member in members}) < len(members):
        raise ValueError("it has two members of one name")
    for member in members:
        if not is_stored(member, size):
            raise ValueError(f"{member.filename} is compressed or larger than the file")
    # Members that lie upon each other are each no larger than the file.
    if sum(member.file_size for member in members) > size:
        raise ValueError("its members are larger than the file")
