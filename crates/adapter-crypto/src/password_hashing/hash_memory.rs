//! The memory of one hashing thread.

use argon2::Block;

/// Memory for argon2, kept from one hash to the next: fresh memory costs a quarter of the speed. It grows to the
/// largest hash that came by and is never given back, since glibc strands aligned blocks of this size when they are freed.
#[derive(Default)]
pub(crate) struct HashMemory(Vec<Block>);

impl HashMemory {
    /// At least `count` blocks of 1 KiB. They hold what was there before; argon2 overwrites them.
    pub(crate) fn at_least(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0 = Vec::new();
            self.0 = vec![Block::new(); count];
        }
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_memory_serves_hash_after_hash() {
        let mut memory = HashMemory::default();
        let first = memory.at_least(64).as_ptr();
        assert_eq!(memory.at_least(64).as_ptr(), first);
        assert_eq!(memory.at_least(8).as_ptr(), first);
        assert_eq!(memory.at_least(65).len(), 65);
    }
}
