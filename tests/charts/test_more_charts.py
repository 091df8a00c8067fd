"""Behind "more" each figure stands beside unrelated playing, with its n and window, or the reason why it is void."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from mtsession.analysis.change import over_thirds
from mtsession.analysis.following import Following, Verdict
from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.summary import PairMeasures, SessionMeasures, measure
from mtsession.analysis.tempo_lead import Moved, TempoLead
from mtsession.charts.looks import looks
from mtsession.charts.moments import measured_moments
from mtsession.charts.review import ReviewCharts, review_charts
from mtsession.charts.series import Chart
from mtsession.events import Seat, SetupChange
from mtsession.session import Role, Session
from mtsession.simulate.demo import demo_performance
from mtsession.simulate.samples import SAMPLES
from mtsession.wording import banned_words_in

CLIENT, THERAPIST = Seat("client"), Seat("therapist")

MORE = ("togetherness", "tempo_match", "following", "matching", "imitation", "level", "change")

BAND = ChanceBand(-0.2, 0.25, "intervals of one player shuffled", 199)


@pytest.fixture(scope="module")
def session() -> Session:
    return demo_performance(7, 90.0).session()


@pytest.fixture(scope="module")
def measures(session: Session) -> SessionMeasures:
    return measure(session)


def drawn_of(session: Session, measures: SessionMeasures) -> ReviewCharts:
    return review_charts(session, measures, over_thirds(session))


def more(session: Session, measures: SessionMeasures, key: str) -> Chart:
    return next(chart for chart in drawn_of(session, measures).more if chart.key == key)


def with_pair(measures: SessionMeasures, **changes: object) -> SessionMeasures:
    (pair,) = measures.pairs
    changed: PairMeasures = replace(pair, **changes)  # type: ignore[arg-type]
    return replace(measures, pairs=(changed,))


def following(verdict: Verdict, window: Window) -> Measured[Following]:
    return Measured(Following(verdict, 0.5, 0.1, 0.0, None, None), 160, window, BAND)


def test_four_graphs_stand_first_and_the_rest_behind_more(session: Session, measures: SessionMeasures) -> None:
    drawn = drawn_of(session, measures)
    assert [chart.key for chart in drawn.charts] == ["shares", "density", "gaps", "tempo"]
    assert [chart.key for chart in drawn.more] == list(MORE)


def test_a_dot_is_the_measures_own_figure_and_its_band_that_of_unrelated_playing(
    session: Session, measures: SessionMeasures
) -> None:
    met = measures.pairs[0].asynchrony
    assert isinstance(met, Measured)
    assert met.band is not None
    dot, spread, *_ = more(session, measures, "togetherness").dots
    assert dot.value == met.value.share_matched
    assert dot.band == (met.band.low, met.band.high)
    assert dot.said.endswith(f"n = {met.n}")
    assert (spread.value, spread.band) == (met.value.sd_s, None)


@pytest.mark.parametrize(
    ("share", "where"),
    [(0.5, "above unrelated playing"), (0.3, "as in unrelated playing"), (0.1, "below unrelated playing")],
)
def test_words_say_where_a_figure_lies(session: Session, measures: SessionMeasures, share: float, where: str) -> None:
    met = measures.pairs[0].asynchrony
    assert isinstance(met, Measured)
    band = ChanceBand(0.2, 0.4, "intervals of one player shuffled", 199)
    changed = with_pair(measures, asynchrony=replace(met, value=replace(met.value, share_matched=share), band=band))
    chart = more(session, changed, "togetherness")
    assert chart.dots[0].said == f"{100 * share:.0f} %, {where}, n = {met.n}"
    assert chart.table.rows[0][1:4] == (f"{100 * share:.0f} %", "20 % to 40 %", str(met.n))


def test_every_chart_of_figures_names_what_its_band_is_made_of(session: Session, measures: SessionMeasures) -> None:
    for key in ("togetherness", "matching", "imitation"):
        assert "holds 95 in 100 of 199 comparisons" in more(session, measures, key).basis


def test_a_void_figure_has_its_reason_and_keeps_its_row(session: Session, measures: SessionMeasures) -> None:
    changed = with_pair(measures, imitation=Void(VoidReason.TOO_FEW_EVENTS, 3, measures.window))
    chart = more(session, changed, "imitation")
    assert chart.is_empty
    assert [missing.reason for missing in chart.missing] == ["too few events for a figure"]
    assert chart.table.rows == (
        ("Rhythm and contour", "too few events for a figure", "–", "3", "00:00–01:30"),
    )  # fmt: skip


def test_figures_of_a_part_say_which_part(session: Session) -> None:
    assisted = replace(session, events=(*session.events, SetupChange(60.0, CLIENT, "scanning", "on")))
    chart = more(assisted, measure(assisted), "matching")
    assert chart.basis.endswith("Measured from 00:00 to 01:00 only.")
    assert {row[-1] for row in chart.table.rows} == {"00:00–01:00"}


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Verdict.FIRST_FOLLOWS, "Client followed Therapist (n = 160 matched onsets)."),
        (Verdict.SECOND_FOLLOWS, "Therapist followed Client (n = 160 matched onsets)."),
        (Verdict.MUTUAL, "Client and Therapist followed each other (n = 160 matched onsets)."),
        (
            Verdict.INDEPENDENT,
            "Client and Therapist followed each other no more than unrelated players do (n = 160 matched onsets).",
        ),
    ],
)
def test_who_followed_whom_is_told_in_words(
    session: Session, measures: SessionMeasures, verdict: Verdict, told: str
) -> None:
    changed = with_pair(measures, following=following(verdict, measures.window))
    assert more(session, changed, "following").told == (told,)


def test_a_coefficient_of_following_is_drawn_and_never_written(session: Session, measures: SessionMeasures) -> None:
    changed = with_pair(measures, following=following(Verdict.FIRST_FOLLOWS, measures.window))
    chart = more(session, changed, "following")
    assert [dot.value for dot in chart.dots] == [0.5, 0.1, 0.0]
    assert [dot.band for dot in chart.dots] == [(-0.2, 0.25), None, (-0.2, 0.25)]
    written = " ".join(
        (chart.summary, *(dot.said for dot in chart.dots), *(cell for row in chart.table.rows for cell in row))
    )
    assert "0.5" not in written
    assert "above unrelated playing" in chart.dots[0].said
    assert "no more than in unrelated playing" in chart.dots[2].said


def test_who_came_to_the_others_tempo_is_told_with_the_lag(session: Session, measures: SessionMeasures) -> None:
    lead = Measured(TempoLead(0.8, 3.0, Moved.SECOND), 40, measures.window, BAND)
    chart = more(session, with_pair(measures, tempo_lead=lead), "tempo_match")
    assert chart.told == ("Therapist came to changes of Client’s tempo, about 3 s later (40 windows).",)
    back = replace(lead, value=replace(lead.value, lag_s=-2.0, moved=Moved.FIRST))
    chart = more(session, with_pair(measures, tempo_lead=back), "tempo_match")
    assert chart.told == ("Client came to changes of Therapist’s tempo, about 2 s later (40 windows).",)


def test_a_lag_of_likeness_is_told_only_beyond_unrelated_playing(session: Session, measures: SessionMeasures) -> None:
    found = measures.pairs[0].matching
    assert isinstance(found, Measured)
    for high, told in ((0.99, False), (0.01, True)):
        changed = with_pair(measures, matching=replace(found, band=replace(BAND, low=0.005, high=high)))
        chart = more(session, changed, "matching")
        assert {dot.band for dot in chart.dots} == {(-high, high)}
        assert any(" s after" in dot.said for dot in chart.dots) is told


def test_change_stands_in_thirds_below_what_changed_in_the_room(session: Session) -> None:
    changed = replace(session, events=(*session.events, SetupChange(45.0, CLIENT, "hold", "250 ms")))
    chart = more(changed, measure(changed), "change")
    assert chart.table.head == ("What", "00:00–00:30", "00:30–01:00", "01:00–01:30")
    assert len(chart.table.rows) > 5
    (said,) = chart.told
    assert said.startswith("00:45")


# — groups —


@pytest.fixture(scope="module")
def group() -> Session:
    return SAMPLES["group-of-four"].performance().session()


@pytest.fixture(scope="module")
def group_measures(group: Session) -> SessionMeasures:
    return measure(group)


def test_of_a_group_every_player_has_a_bar(group: Session, group_measures: SessionMeasures) -> None:
    shares = drawn_of(group, group_measures).charts[0]
    own = [player.participation for player in group_measures.players]
    assert [bar.share for bar in shares.amounts[:-1]] == [
        found.value.share for found in own if isinstance(found, Measured)
    ]
    assert shares.amounts[-1].label == "Nobody"
    assert shares.bars == ()


def test_of_a_group_the_table_says_who_followed_whom(group: Session, group_measures: SessionMeasures) -> None:
    chart = more(group, group_measures, "following")
    found = group_measures.group.following
    assert isinstance(found, Measured)
    assert chart.table_drawn
    assert "the largest of all 12 directions" in chart.basis
    assert not chart.is_empty
    seats = [player.seat for player in group_measures.players]
    followed = {
        (seats[row], seats[column])
        for row, cells in enumerate(chart.table.rows)
        for column, cell in enumerate(cells[1:])
        if cell == "followed"
    }
    assert followed == {(cell.follower, cell.leader) for cell in found.value.cells if cell.follows}
    assert [cells[1 + row] for row, cells in enumerate(chart.table.rows)] == [""] * len(seats)


def test_of_many_pairs_a_clients_with_somebody_else_are_drawn_and_the_table_has_all(
    group: Session, group_measures: SessionMeasures
) -> None:
    roles = {player.seat: player.role for player in group.players}
    chart = more(group, group_measures, "togetherness")
    across = [p for p in group_measures.pairs if (roles[p.first] is Role.CLIENT) != (roles[p.second] is Role.CLIENT)]
    assert len(chart.dots) == 4 * len(across) < 4 * len(group_measures.pairs) == len(chart.table.rows)
    assert "of many, about 1 in 20 lies outside by chance" in chart.basis


def test_of_a_group_each_moment_of_a_pair_says_whose_it_is(group: Session, group_measures: SessionMeasures) -> None:
    labels = [moment.label for moment in measured_moments(group_measures, looks(group.players))]
    assert len(set(labels)) == len(labels)


def test_no_word_of_any_more_chart_is_a_verdict(
    session: Session, measures: SessionMeasures, group: Session, group_measures: SessionMeasures
) -> None:
    for drawn in (drawn_of(session, measures), drawn_of(group, group_measures)):
        assert banned_words_in(msgspec.json.encode(drawn).decode()) == ()
