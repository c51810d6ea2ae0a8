//! Forgetting what was counted.

use crate::error::Failure;
use crate::schema::attempt_counters;
use diesel::prelude::QueryDsl;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_domain::abuse::quota::CounterKey;

pub(super) async fn reset(mut connection: &AsyncPgConnection, key: CounterKey) -> Result<(), Failure> {
    diesel::delete(attempt_counters::table.find(key.0.as_slice()))
        .execute(&mut connection)
        .await?;
    Ok(())
}
