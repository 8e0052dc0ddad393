"""What drives the score, what features are to customers, and where we stand beside competitors."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.value.delivered import BENEFITS, COSTS
from troth.value.voice.drivers import Drivers
from troth.value.voice.kano import Feature, Need
from troth.voice.surveys import results as counting
from troth.voice.surveys.document.shapes import Part, Question
from troth.voice.surveys.results import Results, ValueParts
from troth.voice.surveys.shown import part_words

from .frame import behind, language
from .words import need_words, place_words, who_words, zone_words

MIDDLE = 0.5


def driver_cards(found: Results) -> list[ChartCard]:
    """Return importance against performance; nothing where the survey asks for no drivers."""
    labels = counting.driver_labels(found.document, language())
    driven = counting.drivers(found, labels)
    if driven is None:
        return []
    names = {code: label for code, (label, _scale) in labels.items()}
    return [
        ChartCard(
            id="survey-drivers",
            title=_("What drives the score"),
            subtitle=_("Importance against performance; upper left is to be mended first"),
            option=_driver_option(driven, names) if driven.table.height else None,
            table=_driver_table(found, driven, names),
            height="lg",
            csv_name="survey-drivers",
            note=_driver_note(driven),
            empty=_("Too few answers rate every driver, or all rate alike: ten for each driver are needed."),
        )
    ]


def _driver_note(driven: Drivers) -> str:
    about = {"share": formats.percent(driven.explained), "count": formats.count(driven.count)}
    return (
        _(
            "Johnson's relative weights over %(count)s answers that rate everything; together the drivers explain"
            " %(share)s of the score's variance. Intervals from 200 resamples. Related is not proven to cause."
        )
        % about
        if driven.table.height
        else ""
    )


def _driver_option(driven: Drivers, names: Mapping[str, str]) -> dict[str, Any]:
    words = place_words()
    groups: dict[str, list[Any]] = {}
    for row in driven.table.rows(named=True):
        point = (row["performance"], row["importance"], names[row["driver"]], "")
        groups.setdefault(words[row["place"]], []).append(point)
    importance, performance = driven.table["importance"], driven.table["performance"]
    return _named(
        charts.quadrant(
            groups,
            x_name=_("Performance (0–100)"),
            y_name=_("Importance"),
            x_split=sum(performance) / len(performance),
            y_split=sum(importance) / len(importance),
            corners=(words["fix"], words["keep"], words["watch"], words["ease"]),
            x_format=charts.count(),
            y_format=charts.percent(),
        )
    )


WIDE, HIGH, LINE = 0.25, 0.05, 15
"""A name takes about so much of a picture's width and height, and so many pixels to the next line."""
_LABEL = {"show": True, "position": "top", "color": "var(--t-ink)"}


def _named(option: dict[str, Any]) -> dict[str, Any]:
    """Write each point's name beside it: there are few. A press leads to its fourth part, if that is an address.

    Names stand on the side that has room, and those that would lie on each other move apart.
    """
    placed: list[tuple[float, float]] = []
    ends = [_ends(option, axis, place) for place, axis in enumerate(("xAxis", "yAxis"))]
    for cloud in option["series"]:
        cloud["symbolSize"] = 14
        cloud["itemStyle"] = {"opacity": 1}
        cloud["data"] = [
            {"value": list(point), "label": _LABEL | _place(point, ends, placed) | {"formatter": str(point[2])}}
            | ({"url": point[3]} if point[3] else {})
            for point in cloud["data"]
        ]
        cloud["cursor"] = "pointer" if all(point.get("url") for point in cloud["data"]) else "default"
    option["yAxis"] |= {"nameTextStyle": {"align": "left"}}
    return option | {"$narrow": {"graphic": [{"style": {"text": ""}} for _corner in option["graphic"]]}}


def _ends(option: dict[str, Any], axis: str, place: int) -> tuple[float, float]:
    """Return between which figures an axis runs, about."""
    figures = [point[place] for cloud in option["series"] for point in cloud["data"]]
    return option[axis].get("min", min(figures, default=0)), option[axis].get("max", max(figures, default=0))


def _place(
    point: Sequence[Any], ends: Sequence[tuple[float, float]], placed: list[tuple[float, float]]
) -> dict[str, Any]:
    """Return on which side of its point a name stands, and how far below where others stand already."""
    x, y = ((at - low) / (high - low) if high > low else 0.5 for at, (low, high) in zip(point, ends, strict=False))
    before = sum(abs(x - left) < WIDE and abs(y - top) < HIGH for left, top in placed)
    placed.append((x, y))
    side = "right" if x < 0.3 else "left" if x > 0.7 else "top"
    return {"position": side} | ({"offset": [0, before * LINE]} if before else {})


def _driver_table(found: Results, driven: Drivers, names: Mapping[str, str]) -> Table:
    words = place_words()
    return Table(
        [
            _("Driver"),
            Column(_("Importance"), is_number=True),
            _("95 % interval"),
            Column(_("Performance (0–100)"), is_number=True),
            _("What to do"),
        ],
        [
            [
                Cell(names[row["driver"]], url=_driver_url(found, row["driver"])),
                Cell(formats.percent(row["importance"]), row["importance"]),
                _("%(low)s to %(high)s") % {"low": formats.percent(row["low"]), "high": formats.percent(row["high"])},
                Cell(f"{row['performance']:.0f}", row["performance"]),
                words[row["place"]],
            ]
            for row in driven.table.rows(named=True)
        ],
    )


def _driver_url(found: Results, driver: str) -> str:
    question, _colon, item = driver.partition(":")
    return behind(found, question=question, item=item)


def kano_cards(found: Results) -> list[ChartCard]:
    """Return what each feature is to customers, and the needs map; nothing without Kano questions."""
    known = counting.features(found, language())
    if not known:
        return []
    return [_kano_card(found, known), _needs_card(found, known)]


def _kano_card(found: Results, known: Sequence[tuple[Question, Feature]]) -> ChartCard:
    words = need_words()
    points: dict[str, list[Any]] = {}
    for question, one in known:
        if one.better is not None and one.worse is not None:
            url = behind(found, question=question.code)
            points.setdefault(words[one.need], []).append((-one.worse, one.better, one.name, url))
    option = charts.quadrant(
        points,
        x_name=_("Missed if not there"),
        y_name=_("Pleases if there"),
        x_split=MIDDLE,
        y_split=MIDDLE,
        corners=(
            words[Need.ATTRACTIVE],
            words[Need.ONE_DIMENSIONAL],
            words[Need.INDIFFERENT],
            words[Need.MUST_BE],
        ),
        x_format=charts.percent(),
        y_format=charts.percent(),
    )
    for axis in ("xAxis", "yAxis"):
        option[axis] |= {"min": 0, "max": 1}
    return ChartCard(
        id="survey-kano",
        title=_("What features are to customers"),
        subtitle=_("Kano: better and worse coefficients"),
        option=_named(option) if points else None,
        table=_kano_table(found, known),
        height="lg",
        csv_name="survey-kano",
        note=_("By the evaluation table and coefficients of Berger et al., 1993; “mixed” where the two commonest needs"
               " do not differ by more than chance (Fong's test, 90 %)."),
        empty=_("Nobody has answered both halves of a pair yet."),
    )  # fmt: skip


def _kano_table(found: Results, known: Sequence[tuple[Question, Feature]]) -> Table:
    words = need_words()
    heads: list[Column | str] = [_("Feature"), _("What it is")]
    heads += [Column(_("Better"), is_number=True), Column(_("Worse"), is_number=True)]
    counted = [Column(words[need], is_number=True) for need in Need]
    rows = []
    for question, one in known:
        named = words[one.need] if one.is_clear else _("%(need)s (mixed)") % {"need": words[one.need]}
        rows.append(
            [
                Cell(one.name, url=behind(found, question=question.code)),
                named if one.count else "–",
                "–" if one.better is None else Cell(f"{one.better:.2f}", one.better),
                "–" if one.worse is None else Cell(f"{one.worse:.2f}".replace("-", "−"), one.worse),
                *(
                    Cell(formats.count(count), count, behind(found, question=question.code, need=need) if count else "")
                    for need in Need
                    for count in [one.counts[need]]
                ),
            ]
        )
    return Table([*heads, *counted], rows)


def _needs_card(found: Results, known: Sequence[tuple[Question, Feature]]) -> ChartCard:
    table, words = counting.needs_map(found, list(known)), zone_words()
    rows = [row for row in table.rows(named=True) if row["zone"] is not None]
    urls = {one.name: behind(found, question=question.code) for question, one in known}
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(words[row["zone"]], []).append(
            (row["expected"], row["stated"], row["feature"], urls[row["feature"]])
        )
    option = charts.quadrant(
        groups,
        x_name=_("Expected"),
        y_name=_("Spoken of"),
        x_split=MIDDLE,
        y_split=counting.STATED_FROM,
        x_format=charts.percent(),
        y_format=charts.percent(),
    )
    return ChartCard(
        id="survey-needs",
        title=_("Needs map"),
        subtitle=_("Expected or not, spoken of or not"),
        option=_named(option) if rows else None,
        table=Table(
            [
                _("Feature"),
                Column(_("Expected"), is_number=True),
                Column(_("Spoken of"), is_number=True),
                _("Zone"),
            ],
            [
                [
                    Cell(row["feature"], url=urls[row["feature"]]),
                    Cell(formats.percent(row["expected"]), row["expected"]),
                    Cell(formats.percent(row["stated"]), row["stated"]),
                    words.get(row["zone"], _("none: nobody minds")),
                ]
                for row in table.rows(named=True)
            ],
        ),
        csv_name="survey-needs",
        note=_("Spoken of: the share of answers in words that use a word of the feature's name; from 5 % on."),
        empty=_("No feature that customers care for yet."),
    )


def value_cards(found: Results) -> list[ChartCard]:
    """Return the delivered value part by part, and the value map; nothing without such a question."""
    return [card for one in counting.value_parts(found) for card in _value_cards(found, one)]


def _value_cards(found: Results, one: ValueParts) -> list[ChartCard]:
    who, words = who_words(one.question), part_words()
    parts = [part for part in (*BENEFITS, *COSTS) if part in one.question.parts]
    shown = [code for code in who if code in one.means]
    labels = [words[Part(part)] for part in parts]
    series = {who[code]: [one.means[code].get(part) for part in parts] for code in shown}
    rows = [
        [
            label,
            *(
                Cell(f"{mean:.1f}", mean, behind(found, question=one.question.code, item=f"{code}:{part}"))
                if (mean := one.means[code].get(part)) is not None
                else "–"
                for code in shown
            ),
        ]
        for part, label in zip(parts, labels, strict=True)
    ]
    card = ChartCard(
        id=f"survey-value-{one.question.code}",
        title=_("Delivered value"),
        subtitle=_("Mean marks, 1 to 10; for price, time and effort a high mark means little of it"),
        option=charts.bars(labels, series, horizontal=True, axis_format=charts.count()) if shown else None,
        table=Table([_("Part"), *(Column(who[code], is_number=True) for code in shown)], rows),
        height="xl",
        csv_name="survey-delivered-value",
        empty=_("Nobody has rated anything yet."),
    )
    return [card, _map_card(found, one, who)]


def _map_card(found: Results, one: ValueParts, who: Mapping[str, str]) -> ChartCard:
    table = one.map
    places = {"better": _("better value"), "worse": _("worse value"), "fair": _("fair value")}
    rows = [] if table is None else table.rows(named=True)
    urls = {
        row["name"]: behind(found, question=one.question.code, item=f"{row['name']}:money")
        for row in rows
    }  # fmt: skip
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(who[row["name"]], []).append(
            (row["relative_quality"], row["relative_price"], who[row["name"]], urls[row["name"]])
        )
    option = charts.quadrant(
        groups,
        x_name=_("Relative quality"),
        y_name=_("Relative price"),
        x_split=1,
        y_split=1,
        corners=(
            _("dearer, worse"),
            _("dearer, better"),
            _("cheaper, worse"),
            _("cheaper, better"),
        ),
        x_format=charts.percent(),
        y_format=charts.percent(),
    )
    for axis, column in (("xAxis", "relative_quality"), ("yAxis", "relative_price")):
        widest = max((abs(row[column] - 1) for row in rows), default=0)
        reach = math.ceil(15 * widest) / 10 or 0.1  # half as much again: the corners keep room for names
        option[axis] |= {"min": round(1 - reach, 1), "max": round(1 + reach, 1)}
    return ChartCard(
        id=f"survey-map-{one.question.code}",
        title=_("Value map"),
        height="lg",
        subtitle=_("Perceived quality against perceived price, beside competitors"),
        option=_named(option) if rows else None,
        table=Table(
            [
                _("Who"),
                Column(_("Relative quality"), is_number=True),
                Column(_("Relative price"), is_number=True),
                Column(_("Quality ÷ price"), is_number=True),
                _("Place"),
            ],
            [
                [
                    Cell(who[row["name"]], url=urls[row["name"]]),
                    Cell(f"{row['relative_quality']:.2f}", row["relative_quality"]),
                    Cell(f"{row['relative_price']:.2f}", row["relative_price"]),
                    Cell(f"{row['value']:.2f}", row["value"]),
                    places[row["place"]],
                ]
                for row in rows
            ],
        ),
        csv_name="survey-value-map",
        note=_(
            "1 is the mean of all. Quality is the mean of the benefits; the price is the mark for it, turned round."
        ),
        empty=_("There is nobody to compare with yet."),
    )
