//! The same calls where there is little and where there is much: how long one takes is to depend on neither.

use crate::arguments::Plan;
use crate::callers::{Session, listing_once, reading_once, refreshing_once};
use crate::http_load::{Callers, run};
use crate::population::{address, sign_up};
use crate::report::{Aim, Report, Rounds};
use crate::stores::Stores;
use gatewright_tests::server::Server;
use std::path::Path;
use std::time::Duration;

const FEW: usize = 10_000;
/// Sessions that are used; the rest is only there.
const USED: usize = 1000;
/// Few, so that nobody waits for anybody else.
const CONNECTIONS: usize = 2;
const PATIENCE: Duration = Duration::from_mins(10);

/// A process on tables of some size.
struct Filled {
    server: Server,
    sessions: Vec<Session>,
    refresh: Rounds,
    first_use: Rounds,
    list: Rounds,
}

/// Medians of three calls on small and on large tables, in turns.
pub(crate) async fn measure(plan: &Plan, report: &mut Report) {
    let stores = Stores::start(report);
    let mut few = Filled::of(&stores, "few", FEW).await;
    let mut many = Filled::of(&stores, "many", plan.rows).await;
    for _ in 0..plan.rounds {
        few.round().await;
        many.round().await;
    }
    for (what, many, few) in [
        ("refresh", &many.refresh, &few.refresh),
        ("GET /users/me, first use of a token", &many.first_use, &few.first_use),
        ("GET /users/me/sessions", &many.list, &few.list),
    ] {
        let what = format!("p50 of {what} with {} users and sessions beside {FEW}", plan.rows);
        report.ratio(&what, many, few, "ms", Some(Aim::AtMost(1.3)));
    }
}

impl Filled {
    async fn of(stores: &Stores, name: &str, rows: usize) -> Self {
        let database = stores.postgres.create_database(name);
        let server = stores.process(&database, &[]);
        let sessions = sign_up(&server, 0..USED).await;
        fill(stores, &database, rows, 0);
        Self {
            server,
            sessions,
            refresh: Rounds::default(),
            first_use: Rounds::default(),
            list: Rounds::default(),
        }
    }

    async fn round(&mut self) {
        let refresh = refreshing_once(&self.sessions, CONNECTIONS);
        self.refresh.push(self.median(refresh).await);
        let tokens = self.sessions.iter().map(Session::access_token).collect();
        self.first_use
            .push(self.median(reading_once(tokens, CONNECTIONS)).await);
        let list = listing_once(&self.sessions, CONNECTIONS);
        self.list.push(self.median(list).await);
    }

    async fn median(&self, callers: Callers) -> f64 {
        let load = run(&[address(&self.server)], callers, PATIENCE).await;
        assert_eq!(load.refused, 0, "requests were refused");
        load.percentile(0.5)
    }
}

/// Fills the tables around what is in them.
pub(crate) fn fill(stores: &Stores, database: &str, rows: usize, ended: usize) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/limits/fill.sql");
    let variables = [("rows", rows), ("ended", ended)];
    stores.postgres.run_script(database, &script, &variables);
}
