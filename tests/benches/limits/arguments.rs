//! What to measure, as the command line says it.

use std::time::Duration;

const USAGE: &str = "\
usage: cargo xtask bench [PART…] [--rows N] [--sessions N] [--rounds N] [--seconds N]

parts (all, where none is named):
  sqlite     one process on SQLite, beside argon2id, a bare handler and bare SQLite
  postgres   one and two processes on PostgreSQL and Redis, beside pgbench and a bare handler
  scale      the same calls on 10 000 users and on --rows of them (1000000)
  clean-up   the same calls while --rows ended sessions are removed
  mail       sending the outbox, beside one pipelined SMTP connection
  rate-limiter
             decisions, beside governor alone and beside EVALSHA alone

  --sessions N   sessions that are refreshed at once in `postgres` (10000); each costs a hash beforehand
  --rounds N     rounds of each measurement (5)
  --seconds N    length of one (3)";

/// A part of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Sqlite,
    Postgres,
    Scale,
    CleanUp,
    Mail,
    RateLimiter,
}

const PARTS: [(&str, Part); 6] = [
    ("sqlite", Part::Sqlite),
    ("postgres", Part::Postgres),
    ("scale", Part::Scale),
    ("clean-up", Part::CleanUp),
    ("mail", Part::Mail),
    ("rate-limiter", Part::RateLimiter),
];

/// What to measure, and for how long.
pub(crate) struct Plan {
    parts: Vec<Part>,
    pub(crate) rounds: usize,
    pub(crate) round: Duration,
    /// Sessions made through the API and refreshed at once.
    pub(crate) sessions: usize,
    /// Rows of the large tables.
    pub(crate) rows: usize,
}

impl Plan {
    /// What the arguments ask for; otherwise, what is wrong with them and what would be right.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        // Cargo adds an option of its own.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        let mut plan = Self {
            parts: Vec::new(),
            rounds: 5,
            round: Duration::from_secs(3),
            sessions: 10_000,
            rows: 1_000_000,
        };
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().and_then(|value| value.parse::<usize>().ok());
                value.filter(|value| *value > 0).ok_or_else(|| USAGE.to_owned())
            };
            match argument.as_str() {
                "--rows" => plan.rows = number()?,
                "--sessions" => plan.sessions = number()?,
                "--rounds" => plan.rounds = number()?,
                "--seconds" => plan.round = Duration::from_secs(number()? as u64),
                name => match PARTS.iter().find(|(known, _)| *known == name) {
                    Some((_, part)) => plan.parts.push(*part),
                    None => return Err(USAGE.to_owned()),
                },
            }
        }
        Ok(plan)
    }

    /// Whether that part is wanted.
    pub(crate) fn includes(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}
