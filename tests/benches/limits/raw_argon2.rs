//! The limit of sign-in: argon2id alone, on all cores, with reused memory.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::time::{Duration, Instant};

const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;

/// Hashes a second.
pub(crate) fn rate(time: Duration) -> f64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    let threads: Vec<_> = (0..cores)
        .map(|_| std::thread::spawn(move || hash_until(started + time)))
        .collect();
    let hashes: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    hashes as f64 / started.elapsed().as_secs_f64()
}

fn hash_until(until: Instant) -> u64 {
    let params = Params::new(MEMORY_KIB, ITERATIONS, 1, None).unwrap();
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut output, mut hashes) = ([0; 32], 0);
    while Instant::now() < until {
        argon2
            .hash_password_into_with_memory(b"correct horse battery staple", &[7; 16], &mut output, &mut memory)
            .unwrap();
        hashes += 1;
    }
    hashes
}
