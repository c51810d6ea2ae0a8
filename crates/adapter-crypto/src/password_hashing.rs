//! Password hashing: argon2id on a bounded pool of threads.

pub(crate) mod argon2_password_hasher;
pub(crate) mod argon2_profile;
pub(crate) mod hash_memory;
pub(crate) mod hash_pool;
pub(crate) mod hash_queue;
pub(crate) mod hash_recipe;
pub(crate) mod peppers;
pub(crate) mod stored_hash;
