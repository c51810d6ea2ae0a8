//! Everybody's access token runs out at once, as after a restart of everything that uses them.

use crate::callers::{Session, refreshing_once};
use crate::http_load::run;
use crate::population::address;
use crate::report::{Aim, Report};
use crate::stores::Stores;
use gatewright_tests::server::Server;
use std::time::Duration;

const CONNECTIONS: usize = 256;
const PATIENCE: Duration = Duration::from_mins(10);

/// Refreshes all sessions as fast as they are answered.
pub(crate) async fn measure(report: &mut Report, stores: &Stores, database: &str, server: &Server, all: &[Session]) {
    let load = run(&[address(server)], refreshing_once(all, CONNECTIONS), PATIENCE).await;
    let herd = format!("{} sessions refreshed at once by {CONNECTIONS} connections", all.len());
    let percentile = load.percentile(0.99);
    report.figure(&format!("{herd}, p99"), percentile, "ms", Aim::AtMost(500.0));
    report.figure(&format!("{herd}, refused"), load.refused as f64, "", Aim::AtMost(0.0));
    let ended = "select count(*) from sessions where ended_at is not null";
    let ended: f64 = stores.postgres.query(database, ended).parse().unwrap();
    report.figure(&format!("{herd}, ended by it"), ended, "", Aim::AtMost(0.0));
}
