//! The contract of the ports that this crate implements.

use gatewright_adapter_local::remembered_identities::MokaRememberedIdentities;
use gatewright_contract::remembered_identities;
use time::Duration;

fn memory_of(bytes: u64) -> MokaRememberedIdentities {
    MokaRememberedIdentities::new(bytes, Duration::minutes(15))
}

#[test]
fn remembered_identities_keep_the_contract() {
    remembered_identities::suite(|| memory_of(1024 * 1024));
}

#[test]
fn remembered_identities_stay_bounded() {
    // Room for some hundred, and for those that wait to be dropped.
    remembered_identities::stays_bounded(&memory_of(1024 * 1024), 1000);
}
