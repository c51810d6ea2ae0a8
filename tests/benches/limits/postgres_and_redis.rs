//! One and two processes on PostgreSQL and Redis, beside pgbench and a bare handler.

use crate::arguments::Plan;
use crate::bare_http::BareHttp;
use crate::callers::{Session, always, reading_once, refreshing, refreshing_and_keeping};
use crate::herd;
use crate::http_load::{Callers, get, run};
use crate::pgbench::{self, Script};
use crate::population::{address, sign_in_request, sign_up};
use crate::process::resident_mib;
use crate::report::{Aim, Report, Rounds};
use crate::same_statements::expect_same_statements;
use crate::stores::Stores;
use gatewright_tests::server::Server;
use std::time::Duration;

/// Of the load, and of pgbench.
const CONNECTIONS: usize = 16;

/// Before idle memory is looked at.
const SETTLING: Duration = Duration::from_secs(1);

/// Everything about it.
pub(crate) async fn measure(plan: &Plan, report: &mut Report) {
    let stores = Stores::start(report);
    report.parameter("connections", CONNECTIONS);
    let database = stores.postgres.create_database("measured");
    // Migrating takes memory that is not needed afterwards.
    drop(stores.process(&database, &[]));
    let one = stores.process(&database, &[]);
    let _ = one.client().get("/health/ready").await.expect(200);
    tokio::time::sleep(SETTLING).await;
    report.figure(
        "resident memory on PostgreSQL and Redis, idle",
        resident_mib(&one),
        "MiB",
        Aim::AtMost(20.0),
    );
    // pgbench takes the last sessions, and spoils them.
    let all = sign_up(&one, 0..plan.sessions.max(CONNECTIONS * 3)).await;
    let sessions = all.get(..CONNECTIONS).unwrap_or_default();
    herd::measure(report, &stores, &database, &one, &all).await;
    expect_same_statements(&stores, &database).await;
    let two = stores.process_beside(&one, &database, &[]);
    let rates = calls(plan, &stores, &database, (&one, &two), sessions).await;
    report_calls(report, &rates);
    sign_ins(plan, report, &stores).await;
}

/// What one process does, what two do, and what they are compared with; rates.
#[derive(Default)]
struct Rates {
    pgbench_refresh: Rounds,
    refresh: Rounds,
    refresh_by_two: Rounds,
    pgbench_read: Rounds,
    first_use: Rounds,
    bare: Rounds,
    current_user: Rounds,
    current_user_by_two: Rounds,
}

async fn calls(
    plan: &Plan,
    stores: &Stores,
    database: &str,
    (one, two): (&Server, &Server),
    sessions: &[Session],
) -> Rates {
    let token = sessions.first().unwrap().access_token();
    let body = one.client().get_as(&token, "/users/me").await.expect(200).text;
    let bare = BareHttp::start(&body);
    let (request, bare_request) = (get("/api/v1/users/me", &token), get("/", &token));
    let (by_one, by_two) = ([address(one)], [address(one), address(two)]);
    let pgbench = |script| pgbench::rate(&stores.postgres, database, script, CONNECTIONS, plan.round);
    let mut rates = Rates::default();
    for _ in 0..plan.rounds {
        rates.pgbench_refresh.push(pgbench(Script::Refresh));
        let (callers, granted) = refreshing_and_keeping(sessions);
        rates.refresh.push(rate(&by_one, callers, plan).await);
        rates
            .refresh_by_two
            .push(rate(&by_two, refreshing(sessions), plan).await);

        rates.pgbench_read.push(pgbench(Script::Read));
        let unused = std::mem::take(&mut *granted.lock().unwrap());
        rates
            .first_use
            .push(rate(&by_one, reading_once(unused, CONNECTIONS), plan).await);

        let callers = always(&bare_request, CONNECTIONS);
        rates.bare.push(rate(&[&bare.address], callers, plan).await);
        let callers = |request| always(request, CONNECTIONS);
        rates.current_user.push(rate(&by_one, callers(&request), plan).await);
        let by_two = rate(&by_two, callers(&request), plan).await;
        rates.current_user_by_two.push(by_two);
    }
    rates
}

async fn rate(addresses: &[&str], callers: Callers, plan: &Plan) -> f64 {
    let load = run(addresses, callers, plan.round).await;
    assert_eq!(load.refused, 0, "requests were refused");
    load.rate
}

fn report_calls(report: &mut Report, rates: &Rates) {
    let Rates {
        pgbench_refresh,
        refresh,
        refresh_by_two,
        pgbench_read,
        first_use,
        bare,
        current_user,
        current_user_by_two,
    } = rates;
    let (of_pgbench, of_bare) = (Some(Aim::AtLeast(0.8)), Some(Aim::AtLeast(0.35)));
    for (what, ours, beside, aim) in [
        ("refresh beside pgbench", refresh, pgbench_refresh, of_pgbench),
        (
            "refresh by two beside pgbench",
            refresh_by_two,
            pgbench_refresh,
            of_pgbench,
        ),
        ("refresh by two beside one", refresh_by_two, refresh, None),
        (
            "GET /users/me, first use of a token, beside pgbench",
            first_use,
            pgbench_read,
            of_pgbench,
        ),
        ("GET /users/me beside pgbench", current_user, pgbench_read, of_pgbench),
        ("GET /users/me beside a bare handler", current_user, bare, of_bare),
        (
            "GET /users/me by two beside a bare handler",
            current_user_by_two,
            bare,
            of_bare,
        ),
        (
            "GET /users/me by two beside one",
            current_user_by_two,
            current_user,
            None,
        ),
    ] {
        report.ratio(&format!("PostgreSQL: {what}"), ours, beside, "/s", aim);
    }
    report.remark(
        "Two beside one on the same cores share them with PostgreSQL, the client and each other: what they gain is how \
         much of these one leaves unused.",
    );
}

/// Two processes beside one where the cores are theirs: hashing, one thread each.
async fn sign_ins(plan: &Plan, report: &mut Report, stores: &Stores) {
    let database = stores.postgres.create_database("sign_ins");
    let one_thread = [("HASH_THREADS", "1")];
    let one = stores.process(&database, &one_thread);
    sign_up(&one, 0..1).await;
    let two = stores.process_beside(&one, &database, &one_thread);
    let request = sign_in_request(0);
    let (mut by_one, mut by_two) = (Rounds::default(), Rounds::default());
    for _ in 0..plan.rounds {
        let callers = always(&request, CONNECTIONS);
        by_one.push(rate(&[address(&one)], callers, plan).await);
        let callers = always(&request, CONNECTIONS);
        by_two.push(rate(&[address(&one), address(&two)], callers, plan).await);
    }
    report.ratio(
        "PostgreSQL: sign-in by two beside one, each with one thread that hashes",
        &by_two,
        &by_one,
        "/s",
        Some(Aim::AtLeast(1.8)),
    );
}
