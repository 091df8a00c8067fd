"""Charts are drawn from the measures' own figures, and their tables say the same."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from mtsession.analysis.change import over_thirds
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.charts.looks import looks
from mtsession.charts.moments import logged_moments, measured_moments
from mtsession.charts.review import ReviewCharts, review_charts
from mtsession.charts.series import Chart
from mtsession.charts.strip import session_strip
from mtsession.charts.words import clock_text, figure_text, share_text
from mtsession.events import Contact, Gap, Mark, NoteOff, NoteOn, Seat, SetupChange
from mtsession.session import Player, Role, Session
from mtsession.simulate.demo import demo_performance
from mtsession.wording import banned_words_in

CLIENT, THERAPIST = Seat("client"), Seat("therapist")


@pytest.fixture(scope="module")
def session() -> Session:
    played = demo_performance(7, 60.0).session()
    events = (*played.events, Mark(20.0, THERAPIST, 10.0, "low note"), Gap(30.0, 32.0, "engine restarted"))
    return replace(played, events=events)


@pytest.fixture(scope="module")
def measures(session: Session) -> SessionMeasures:
    return measure(session)


@pytest.fixture(scope="module")
def drawn(session: Session, measures: SessionMeasures) -> ReviewCharts:
    return draw(session, measures)


def draw(session: Session, measures: SessionMeasures) -> ReviewCharts:
    return review_charts(session, measures, over_thirds(session))


def chart(drawn: ReviewCharts, key: str) -> Chart:
    return next(chart for chart in (*drawn.charts, *drawn.more) if chart.key == key)


def only_of(session: Session, seat: Seat) -> Session:
    """The session as if the other player had not touched anything."""
    events = tuple(e for e in session.events if not isinstance(e, Contact | NoteOn | NoteOff) or e.seat == seat)
    return replace(session, events=events)


def test_the_strip_has_every_note_by_contact_time_to_the_millisecond(session: Session) -> None:
    for lane in session_strip(session).lanes:
        notes = session.notes(lane.look.seat)
        assert lane.pitch == tuple(note.pitch for note in notes)
        assert lane.start_s == pytest.approx([note.contact_s for note in notes], abs=0.0006)
        assert lane.duration_s == pytest.approx([note.duration_s for note in notes], abs=0.0006)


def test_the_strip_has_marks_and_what_was_not_captured(session: Session) -> None:
    strip = session_strip(session)
    assert [(m.start_s, m.time_s, m.label) for m in strip.marks] == [(10.0, 20.0, "low note")]
    assert [(g.start_s, g.end_s) for g in strip.gaps] == [(30.0, 32.0)]


def test_shares_sum_to_the_whole_and_are_the_measures_own(drawn: ReviewCharts, measures: SessionMeasures) -> None:
    bars = chart(drawn, "shares").bars
    shares = measures.pairs[0].shares
    assert isinstance(shares, Measured)
    assert sum(bar.share for bar in bars) == pytest.approx(1.0)
    assert [bar.share for bar in bars] == [
        shares.value.only_first, shares.value.both, shares.value.only_second, shares.value.neither
    ]  # fmt: skip


def test_every_change_of_turn_is_a_point_of_who_took_it(drawn: ReviewCharts, measures: SessionMeasures) -> None:
    found = measures.pairs[0].floor_transfers
    assert isinstance(found, Measured)
    points = chart(drawn, "gaps").points
    assert len(points) == found.n > 4
    assert [point.look.seat for point in points] == [transfer.taker for transfer in found.value.transfers]
    assert [point.value for point in points] == pytest.approx([t.offset_s for t in found.value.transfers], abs=0.0006)
    assert len(chart(drawn, "gaps").table.rows) == found.n


def test_the_tempo_line_is_broken_where_no_pulse_was_steady(drawn: ReviewCharts, measures: SessionMeasures) -> None:
    for line in chart(drawn, "tempo").lines:
        found = measures.player(line.look.seat).tempo
        assert isinstance(found, Measured)
        assert [value is None for value in line.values] == [bpm is None for bpm in found.value.bpm]


def test_the_turns_stand_beneath_each_players_notes(drawn: ReviewCharts, measures: SessionMeasures) -> None:
    for band in drawn.turns:
        found = measures.player(band.seat).turns
        assert isinstance(found, Measured)
        assert len(band.start_s) == len(band.end_s) == found.n
        assert band.gap_s == found.value.gap_s


def test_a_player_who_never_played_has_a_reason_in_place_of_a_curve(session: Session) -> None:
    quiet = only_of(session, THERAPIST)
    measures = measure(quiet)
    drawn = draw(quiet, measures)
    density = chart(drawn, "density")
    assert isinstance(measures.player(CLIENT).density, Void)
    assert [line.look.seat for line in density.lines] == [THERAPIST]
    assert [missing.label for missing in density.missing] == ["Client"]
    assert density.missing[0].reason
    assert chart(drawn, "gaps").is_empty
    assert chart(drawn, "gaps").missing


def test_one_player_alone_gets_a_share_and_no_gaps(session: Session) -> None:
    alone = replace(only_of(session, CLIENT), players=(session.player(CLIENT),))
    drawn = draw(alone, measure(alone))
    assert [bar.look.seat if bar.look else None for bar in chart(drawn, "shares").bars] == [CLIENT, None]
    assert chart(drawn, "gaps").is_empty


def with_setting(session: Session, since_s: float, name: str, seat: Seat | None = None) -> Session:
    """The session with an assist switched on at a moment, and left on."""
    return replace(session, events=(*session.events, SetupChange(since_s, seat, name, "on")))


def test_a_curve_of_a_part_says_which_part(session: Session) -> None:
    assisted = with_setting(session, 45.0, "fixed velocity", CLIENT)
    drawn = draw(assisted, measure(assisted))
    level, density = chart(drawn, "level"), chart(drawn, "density")
    assert level.basis.endswith("Client: measured from 00:00 to 00:45 only.")
    assert "). Measured from 00:00 to 00:45 only. Therapist:" in level.summary
    assert max(level.lines[0].times_s) < 45 < max(level.lines[1].times_s)
    assert "only" not in density.basis


def test_gaps_of_a_part_say_which_part(session: Session) -> None:
    assisted = with_setting(session, 45.0, "scanning")
    gaps = chart(draw(assisted, measure(assisted)), "gaps")
    assert gaps.basis.endswith("Measured from 00:00 to 00:45 only.")
    assert max(point.time_s for point in gaps.points) < 45
    assert gaps.summary.count("(from 00:00 to 00:45)") + gaps.summary.count("Measured from 00:00 to 00:45 only.") == 2


def test_shares_of_a_part_say_which_part(measures: SessionMeasures, session: Session) -> None:
    part = Window(0.0, 45.0)
    (pair,) = measures.pairs
    shorter = replace(
        measures,
        pairs=(replace(pair, shares=replace(pair.shares, window=part)),),
        players=tuple(replace(p, participation=replace(p.participation, window=part)) for p in measures.players),
    )
    shares = chart(draw(session, shorter), "shares")
    assert shares.basis.endswith("Measured from 00:00 to 00:45 only.")
    assert [row[0] for row in shares.table.rows] == ["Client, 00:00–00:45 only", "Therapist, 00:00–00:45 only"]


def test_a_reason_that_holds_in_a_part_says_which_part(measures: SessionMeasures, session: Session) -> None:
    (pair,) = measures.pairs
    few = Void(VoidReason.TOO_FEW_EVENTS, 2, Window(0.0, 45.0))
    shorter = replace(measures, pairs=(replace(pair, floor_transfers=few),))
    (missing,) = chart(draw(session, shorter), "gaps").missing
    assert missing.reason == "too few events for a figure (from 00:00 to 00:45)"


def test_an_empty_session_says_why_everywhere(session: Session) -> None:
    empty = replace(session, events=())
    drawn = draw(empty, measure(empty))
    for each in (*drawn.charts, *drawn.more):
        assert each.is_empty
        assert each.missing


def test_every_chart_has_its_words(drawn: ReviewCharts) -> None:
    for each in (*drawn.charts, *drawn.more):
        assert each.title
        assert each.summary
        assert each.limits.startswith("Does not show")
        assert "00:00–01:00" in each.basis
        assert all(len(row) == len(each.table.head) for row in each.table.rows)


def test_a_table_stays_readable_however_long_the_session() -> None:
    long = demo_performance(5, 1200.0).session()
    density = next(each for each in draw(long, measure(long)).charts if each.key == "density")
    assert 30 <= len(density.table.rows) <= 50


def test_no_word_of_any_chart_is_a_verdict(drawn: ReviewCharts) -> None:
    assert banned_words_in(msgspec.json.encode(drawn).decode()) == ()


def test_the_same_session_gives_the_same_series(session: Session) -> None:
    first, second = (msgspec.json.encode(draw(session, measure(session))) for _ in range(2))
    assert first == second


def test_colour_and_shape_tell_every_seat_apart() -> None:
    roles = [Role.CLIENT, Role.THERAPIST, Role.PEER, Role.CO_THERAPIST, Role.PEER]
    players = tuple(Player(Seat(f"s{i}"), role, "pads", "open-keys") for i, role in enumerate(roles))
    given = looks(players)
    assert len({look.colour for look in given.values()}) == len(players)
    assert len({look.shape for look in given.values()}) == len(players)
    assert (given[Seat("s0")].shape, given[Seat("s1")].shape) == ("circle", "square")


def test_moments_are_in_order_and_within_the_session(session: Session, measures: SessionMeasures) -> None:
    moments = measured_moments(measures, looks(session.players))
    assert len(moments) >= 4
    assert [m.start_s for m in moments] == sorted(m.start_s for m in moments)
    assert all(0 <= m.start_s <= m.end_s <= session.duration_s + 2.5 for m in moments)


def test_marks_and_gaps_are_moments_before_anything_is_measured(session: Session) -> None:
    assert [(m.kind, m.start_s) for m in logged_moments(session)] == [("mark", 10.0), ("missing", 30.0)]


@pytest.mark.parametrize(
    ("time_s", "text"), [(0, "00:00"), (59.99, "00:59"), (252, "04:12"), (3723, "1:02:03"), (-1, "00:00")]
)
def test_a_moment_is_written_so_that_its_link_never_opens_late(time_s: float, text: str) -> None:
    assert clock_text(time_s) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (-0.42, "−0.4"), (1.25, "1.2"), (-0.01, "0.0")])
def test_figures_have_a_true_minus_and_no_minus_zero(value: float | None, text: str) -> None:
    assert figure_text(value) == text


def test_a_share_is_in_whole_per_cent() -> None:
    assert share_text(0.854) == "85 %"
