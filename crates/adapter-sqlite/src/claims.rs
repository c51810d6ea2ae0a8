//! Claims: methods in which the statement is the rule. Each is one job of the writer, whose transaction holds
//! the write lock from its first statement on (`BEGIN IMMEDIATE`), so that nothing changes between what a
//! claim reads and what it writes.

pub(crate) mod attempt_counters;
pub(crate) mod challenges;
pub(crate) mod expired_rows;
pub(crate) mod jobs;
pub(crate) mod outbox;
