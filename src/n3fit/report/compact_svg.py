"""Compaction of the SVG images of matplotlib, by which pages become about 30 % smaller."""

from __future__ import annotations

import re

from n3fit.report.drawn_curves import TAG

_HEADER = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_TAGGED_GROUP = re.compile(rf'<g id="{re.escape(TAG)}([a-z]\d+)"')
_NAMED_GROUP = re.compile(r'<g id="[^"]*"')
_OUTLINE = re.compile(r'(?<= d=")[^"]*')
_POSITION = re.compile(r'(?<= [xy]=")-?\d+\.\d{3,}(?=")')
_STRAIGHT = frozenset("MLz0123456789.- \n")
_TOKEN = re.compile(r"[MLz]|-?\d+(?:\.\d+)?")
_PER_POINT = 100
"""Resolution in steps per point (1/72 inch), to which coordinates are rounded."""


def compact_svg(svg: str) -> str:
    """Return an SVG image without header, metadata, comments and group names, and with shorter outlines.

    Straight lines become relative, in hundredths of a point. Outlines with curves, which are those of letters, keep
    their coordinates. Nothing refers to groups by their names; those of :mod:`n3fit.report.drawn_curves` become
    classes, by which the page hides them.
    """
    text = _HEADER.sub("", svg)
    text = _TAGGED_GROUP.sub(r'<g class="\1"', text)
    text = _NAMED_GROUP.sub("<g", text)
    text = _OUTLINE.sub(lambda found: _compact_outline(found[0]), text)
    text = _POSITION.sub(lambda found: _shortest(round(float(found[0]) * _PER_POINT)), text)
    return re.sub(r">\s+<", "><", text).strip()


def _compact_outline(outline: str) -> str:
    """Return straight lines relative to their starts; rounding errors do not accumulate."""
    if not _STRAIGHT.issuperset(outline):
        return " ".join(outline.split())
    tokens = _TOKEN.findall(outline)
    written: list[str] = []
    x = y = 0
    position = 0
    while position < len(tokens):
        command = tokens[position]
        if command == "z":
            written.append("z")
            position += 1
            continue
        next_x, next_y = (round(float(number) * _PER_POINT) for number in tokens[position + 1 : position + 3])
        if command == "M":
            written.append(f"M{_pair(next_x, next_y)}")
        else:
            written.append(f"l{_pair(next_x - x, next_y - y)}")
        x, y = next_x, next_y
        position += 3
    return "".join(written)


def _pair(x: int, y: int) -> str:
    second = _shortest(y)
    return f"{_shortest(x)}{second if second.startswith('-') else ' ' + second}"


def _shortest(steps: int) -> str:
    """Return a number of steps in points, without superfluous zeros."""
    text = f"{steps / _PER_POINT:.2f}".rstrip("0").rstrip(".")
    if text in ("0", "-0"):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
