//! Claims: methods in which the statement is the rule. Each is one conditional statement, which finds, locks, checks and
//! writes at once; of any number of simultaneous ones each sees what the one before it left.

pub(crate) mod attempt_counters;
pub(crate) mod challenges;
pub(crate) mod expired_rows;
pub(crate) mod jobs;
pub(crate) mod outbox;
