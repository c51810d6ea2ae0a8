//! Forgetting what was counted.

use crate::error::Failure;
use crate::schema::attempt_counters;
use diesel::prelude::*;
use gatewright_domain::abuse::quota::CounterKey;

pub(super) fn reset(connection: &mut SqliteConnection, key: CounterKey) -> Result<(), Failure> {
    diesel::delete(attempt_counters::table.find(key.0.as_slice())).execute(connection)?;
    Ok(())
}
