//! Every storage port's contract, a fresh file for each case.

use crate::fresh_storage::{fresh_maintenance_storage, fresh_storage, processes_on_a_fresh_file};

#[tokio::test(flavor = "multi_thread")]
async fn users_keep_the_contract() {
    gatewright_contract::users::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_keep_the_contract() {
    gatewright_contract::registrations::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_keep_the_contract() {
    gatewright_contract::challenges::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_keep_the_contract() {
    gatewright_contract::sessions::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempt_counters_keep_the_contract() {
    gatewright_contract::attempt_counters::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outbox_keeps_the_contract() {
    gatewright_contract::outbox::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_keep_the_contract() {
    gatewright_contract::changes::suite(fresh_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_keep_the_contract() {
    gatewright_contract::jobs::suite(fresh_maintenance_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_rows_keep_the_contract() {
    gatewright_contract::expired_rows::suite(fresh_maintenance_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_share_the_jobs_of_one_file() {
    gatewright_contract::run_job::suite(processes_on_a_fresh_file).await;
}
