//! The filter that comes with the binary, and the file it is in.
//!
//! The file, all numbers little-endian: [`MAGIC`], the number of passwords (`u64`), xorf's descriptor, the
//! fingerprints (`u16` each).

use std::io::{self, Write};
use xorf::{BinaryFuse16, BinaryFuse16Ref, DmaSerializable, FilterRef};

/// What the file begins with: its kind and version.
pub const MAGIC: [u8; 8] = *b"GWFUSE16";

const DESCRIPTOR_AT: usize = MAGIC.len() + size_of::<u64>();
const FINGERPRINTS_AT: usize = DESCRIPTOR_AT + BinaryFuse16::DESCRIPTOR_LEN;

/// Two-byte alignment, so that the fingerprints are used where they lie: loading costs nothing, and only the pages that
/// are looked at come into memory.
#[repr(C, align(2))]
struct Aligned<const N: usize>([u8; N]);

static FILE: Aligned<{ include_bytes!("../data/common-passwords.fuse16").len() }> =
    Aligned(*include_bytes!("../data/common-passwords.fuse16"));

const _: () = assert!(
    cfg!(target_endian = "little"),
    "the embedded filter is used as it lies in the file, whose numbers are little-endian"
);

/// The embedded filter.
pub(crate) fn embedded_filter() -> BinaryFuse16Ref<'static> {
    let (header, fingerprints) = FILE.0.split_at(FINGERPRINTS_AT);
    let (_, descriptor) = header.split_at(DESCRIPTOR_AT);
    BinaryFuse16Ref::from_dma(descriptor, fingerprints)
}

/// Writes a filter of that many passwords as such a file.
///
/// # Errors
/// Where `file` cannot be written.
pub fn write_filter(filter: &BinaryFuse16, passwords: u64, mut file: impl Write) -> io::Result<()> {
    let mut descriptor = [0; BinaryFuse16::DESCRIPTOR_LEN];
    filter.dma_copy_descriptor_to(&mut descriptor);
    file.write_all(&MAGIC)?;
    file.write_all(&passwords.to_le_bytes())?;
    file.write_all(&descriptor)?;
    file.write_all(filter.dma_fingerprints())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_file_is_of_this_version_and_about_as_large_as_its_passwords_need() {
        assert_eq!(FILE.0[..8], MAGIC);
        let passwords = u64::from_le_bytes(FILE.0[8..16].try_into().unwrap());
        assert!(passwords > 900_000, "{passwords}");
        let fingerprints = (FILE.0.len() - FINGERPRINTS_AT) as u64 / 2;
        assert!((passwords..passwords * 5 / 4).contains(&fingerprints), "{fingerprints}");
    }

    #[test]
    fn the_readme_tells_the_number_of_passwords() {
        let passwords = u64::from_le_bytes(FILE.0[8..16].try_into().unwrap());
        let readme = include_str!("../data/README.md");
        assert!(readme.contains(&format!("**{passwords} passwords**")), "{passwords}");
    }
}
