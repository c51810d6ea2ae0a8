//! Abuse control: what goes on when what counts is away.

pub mod stricter_while_away;
