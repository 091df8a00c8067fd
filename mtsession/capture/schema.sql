-- One session file, version 1. Times are seconds on the session clock; `seq` is the order in which things came.
-- There are no foreign keys between events on purpose: the log keeps what happened, also what does not fit together
-- (a lift whose contact was before a gap); whoever reads joins it.

CREATE TABLE header (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    session_id    TEXT NOT NULL,
    started_at_us INTEGER NOT NULL,  -- UTC, microseconds since 1970
    duration_s    REAL               -- NULL until the session was closed
) STRICT;

CREATE TABLE players (
    position   INTEGER PRIMARY KEY,
    seat       TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL,
    instrument TEXT NOT NULL,
    palette    TEXT NOT NULL
) STRICT;

CREATE TABLE player_access (
    seat    TEXT NOT NULL REFERENCES players (seat),
    setting TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (seat, setting)
) STRICT;

CREATE TABLE setup (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    palette   TEXT NOT NULL,
    key       TEXT NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

CREATE TABLE setup_assists (
    assist TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT;

CREATE TABLE setup_latencies (
    seat      TEXT PRIMARY KEY,
    latency_s REAL                   -- NULL where it was not measured
) STRICT;

CREATE TABLE contacts (
    seq        INTEGER PRIMARY KEY,
    id         INTEGER NOT NULL,
    time_s     REAL NOT NULL,
    seat       TEXT NOT NULL,
    source     TEXT NOT NULL,
    number     INTEGER NOT NULL,
    velocity   INTEGER NOT NULL,
    percussion INTEGER NOT NULL CHECK (percussion IN (0, 1))
) STRICT;

CREATE TABLE lifts (
    seq        INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    time_s     REAL NOT NULL,
    seat       TEXT NOT NULL
) STRICT;

CREATE TABLE refused (
    seq        INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    time_s     REAL NOT NULL,
    reason     TEXT NOT NULL
) STRICT;

CREATE TABLE notes (
    seq        INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    accepted_s REAL NOT NULL,
    seat       TEXT NOT NULL,
    pitch      INTEGER NOT NULL,
    velocity   INTEGER NOT NULL,
    sound      TEXT NOT NULL,
    percussion INTEGER NOT NULL CHECK (percussion IN (0, 1))
) STRICT;

CREATE TABLE note_ends (
    seq        INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    time_s     REAL NOT NULL,
    seat       TEXT NOT NULL,
    pitch      INTEGER NOT NULL
) STRICT;

CREATE TABLE sounded (
    seq        INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    time_s     REAL NOT NULL,
    epoch      INTEGER NOT NULL,
    frame      INTEGER NOT NULL
) STRICT;

CREATE TABLE released (
    seq        INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    time_s     REAL NOT NULL,
    epoch      INTEGER NOT NULL,
    frame      INTEGER NOT NULL
) STRICT;

CREATE TABLE pedals (
    seq    INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    seat   TEXT NOT NULL,
    value  INTEGER NOT NULL
) STRICT;

CREATE TABLE expressions (
    seq    INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    seat   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    value  REAL NOT NULL
) STRICT;

CREATE TABLE audio_onsets (
    seq       INTEGER PRIMARY KEY,
    time_s    REAL NOT NULL,
    seat      TEXT NOT NULL,
    strength  REAL NOT NULL,
    listening TEXT NOT NULL,
    doubtful  INTEGER NOT NULL CHECK (doubtful IN (0, 1))
) STRICT;

CREATE TABLE voice_pitches (
    seq        INTEGER PRIMARY KEY,
    time_s     REAL NOT NULL,
    seat       TEXT NOT NULL,
    f0_hz      REAL NOT NULL,
    confidence REAL NOT NULL
) STRICT;

CREATE TABLE controls (
    seq    INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    seat   TEXT NOT NULL,
    action TEXT NOT NULL,
    value  TEXT NOT NULL
) STRICT;

CREATE TABLE choices (
    seq    INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    seat   TEXT NOT NULL,
    choice TEXT NOT NULL
) STRICT;

CREATE TABLE marks (
    seq     INTEGER PRIMARY KEY,
    time_s  REAL NOT NULL,
    seat    TEXT NOT NULL,
    start_s REAL NOT NULL,
    label   TEXT NOT NULL
) STRICT;

CREATE TABLE setup_changes (
    seq     INTEGER PRIMARY KEY,
    time_s  REAL NOT NULL,
    seat    TEXT,                    -- NULL is the whole instrument
    setting TEXT NOT NULL,
    value   TEXT NOT NULL
) STRICT;

CREATE TABLE consent (
    seq     INTEGER PRIMARY KEY,
    time_s  REAL NOT NULL,
    seat    TEXT,
    consent TEXT NOT NULL,
    given   INTEGER NOT NULL CHECK (given IN (0, 1))
) STRICT;

CREATE TABLE gaps (
    seq     INTEGER PRIMARY KEY,
    start_s REAL NOT NULL,
    end_s   REAL NOT NULL,
    reason  TEXT NOT NULL
) STRICT;

CREATE TABLE device_changes (
    seq     INTEGER PRIMARY KEY,
    time_s  REAL NOT NULL,
    seat    TEXT,
    device  TEXT NOT NULL,
    present INTEGER NOT NULL CHECK (present IN (0, 1))
) STRICT;

CREATE TABLE clock_pairs (
    seq     INTEGER PRIMARY KEY,
    time_s  REAL NOT NULL,
    wall_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE audio_epochs (
    seq              INTEGER PRIMARY KEY,
    epoch            INTEGER NOT NULL,
    time_s           REAL NOT NULL,
    device           TEXT NOT NULL,
    sample_rate_hz   INTEGER NOT NULL,
    block_frames     INTEGER NOT NULL,
    output_latency_s REAL NOT NULL,
    input_latency_s  REAL NOT NULL,
    callback         TEXT NOT NULL
) STRICT;

CREATE TABLE block_counts (
    seq    INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    epoch  INTEGER NOT NULL,
    blocks INTEGER NOT NULL,
    late   INTEGER NOT NULL,
    lost   INTEGER NOT NULL
) STRICT;

CREATE TABLE tracks (
    name           TEXT PRIMARY KEY,
    seat           TEXT,             -- NULL is the limited output
    sample_rate_hz INTEGER NOT NULL,
    start_s        REAL NOT NULL,    -- when frame 0 was
    latency_s      REAL NOT NULL,
    channels       INTEGER NOT NULL
) STRICT;

CREATE TABLE audio_blocks (
    track       TEXT NOT NULL REFERENCES tracks (name),
    first_frame INTEGER NOT NULL,
    n_frames    INTEGER NOT NULL CHECK (n_frames > 0),
    flac        BLOB NOT NULL,       -- 24 bit, at most one second
    PRIMARY KEY (track, first_frame)
) STRICT;
