"""Places on the earth: areas and distances of points written as “latitude longitude altitude accuracy”."""

from __future__ import annotations

import math
from itertools import pairwise

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.functions.registry import ANY_NUMBER, Function
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Nodes, Result, text

EARTH_RADIUS_METRES = 6_378_100
METRES_A_DEGREE = 2 * math.pi * EARTH_RADIUS_METRES / 360
CORNERS_OF_AN_AREA = 3

Point = tuple[float, float]


def points(*results: Result) -> list[Point]:
    """Read latitudes and longitudes: a trace or shape holds several parted by “;”, a path several questions."""
    written: list[str] = []
    for result in results:
        written += [text(node.value) for node in result] if isinstance(result, Nodes) else [text(result)]
    try:
        return [_point(part) for whole in written for part in whole.split(";") if part.strip()]
    except (ValueError, IndexError) as error:
        raise FormError(N_("This is not a place: write latitude and longitude, for example 37.57 126.98.")) from error


def _point(written: str) -> Point:
    numbers = written.split()
    return float(numbers[0]), float(numbers[1])


def _area(_scope: Scope, shape: Result) -> float:
    corners = points(shape)
    if len(corners) < CORNERS_OF_AN_AREA:
        return 0.0
    latitude, longitude = corners[0]
    flat = [(_east(longitude, corner), (corner[0] - latitude) * METRES_A_DEGREE) for corner in corners[1:]]
    pairs = pairwise(flat)
    return abs(sum((before[1] * after[0] - before[0] * after[1]) / 2 for before, after in pairs))


def _east(reference: float, corner: Point) -> float:
    return (corner[1] - reference) * METRES_A_DEGREE * math.cos(math.radians(corner[0]))


def _distance(_scope: Scope, *results: Result) -> float:
    way = points(*results)
    return float(sum(_between(one, other) for one, other in pairwise(way)))


def _between(one: Point, other: Point) -> float:
    """Return metres along the sphere, by the spherical law of cosines."""
    turn = math.radians(one[1] - other[1])
    south, north = math.radians(one[0]), math.radians(other[0])
    cosine = math.sin(south) * math.sin(north) + math.cos(south) * math.cos(north) * math.cos(turn)
    return math.acos(max(-1.0, min(1.0, cosine))) * EARTH_RADIUS_METRES


def _inside(_scope: Scope, place: Result, shape: Result) -> bool:
    (latitude, longitude), *_ = points(place) or [(math.nan, math.nan)]
    inside = False
    corners = points(shape)
    for before, after in pairwise(corners):
        if (after[0] > latitude) != (before[0] > latitude):
            edge = (before[1] - after[1]) * (latitude - after[0]) / (before[0] - after[0]) + after[1]
            inside ^= longitude < edge
    return inside


FUNCTIONS = {
    "area": Function(_area, 1, 1),
    "enclosed-area": Function(_area, 1, 1),
    "distance": Function(_distance, 1, ANY_NUMBER),
    "geofence": Function(_inside, 2, 2),
}
