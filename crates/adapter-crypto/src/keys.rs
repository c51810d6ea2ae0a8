//! Keys: the ring that signs access tokens, and the service's secret with the keys derived from it.

pub(crate) mod key_lifetime;
pub(crate) mod key_ring;
pub(crate) mod key_ring_file;
pub(crate) mod key_rotation;
pub(crate) mod mac_key;
pub(crate) mod pattern;
pub(crate) mod private_file;
pub(crate) mod secret_key;
pub(crate) mod secret_key_file;
pub(crate) mod shared_key_ring;
pub(crate) mod signing_key;
