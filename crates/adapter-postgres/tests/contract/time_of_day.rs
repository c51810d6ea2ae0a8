//! The database's clock.

use crate::faults::{private_server, store_at};
use crate::fresh_storage::Schema;
use gatewright_adapter_postgres::DatabaseClock;
use gatewright_application::ports::clock::Clock;
use gatewright_domain::{Duration, Timestamp};

#[tokio::test]
async fn it_keeps_the_contract_before_and_after_a_sample() {
    let schema = Schema::migrated();
    let clock = DatabaseClock::new(store_at(&schema.url()));
    gatewright_contract::clock::suite(&clock);
    assert_eq!(clock.machine_ahead_by(), None);
    clock.resample().await.unwrap();
    gatewright_contract::clock::suite(&clock);
}

#[tokio::test]
async fn it_tells_the_databases_time_between_two_of_its_own_answers() {
    let schema = Schema::migrated();
    let client = schema.connect().await;
    let clock = DatabaseClock::new(store_at(&schema.url()));
    for _ in 0..3 {
        clock.resample().await.unwrap();
        let database_now = async || {
            let micros = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
            let micros: i64 = client.query_one(micros, &[]).await.unwrap().get(0);
            Timestamp::UNIX_EPOCH + Duration::microseconds(micros)
        };
        let (before, now, after) = (database_now().await, clock.now(), database_now().await);
        // A sample is known up to half of its round trip.
        let doubt = Duration::milliseconds(500);
        assert!(before - doubt <= now && now <= after + doubt, "{before} {now} {after}");
        let skew = clock.machine_ahead_by().unwrap();
        assert!(
            skew.abs() < doubt,
            "the server runs on this machine, and its time is {skew} away"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_while_the_database_is_away() {
    let mut server = private_server(&[]);
    let clock = DatabaseClock::new(store_at(&server.url()));
    clock.resample().await.unwrap();
    server.stop().unwrap();
    let before = clock.now();
    assert!(clock.resample().await.is_err());
    assert!(clock.now() > before);
    server.start_again().unwrap();
    clock.resample().await.unwrap();
    assert!(clock.now() > before);
}
