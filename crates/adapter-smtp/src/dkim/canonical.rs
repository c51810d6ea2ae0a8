//! What a DKIM signature is made over: the relaxed forms of headers and body (RFC 6376 §3.4.2, §3.4.4).

use aws_lc_rs::digest::{Digest, SHA256, digest};

/// A header as it stands in a message: `Name: value`, folded perhaps, without its last line break.
type Header<'a> = &'a [u8];

/// The headers of a message and its body. Lines end in `\r\n`.
pub(super) fn parts_of(message: &[u8]) -> (Vec<Header<'_>>, &[u8]) {
    let mut headers = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return (headers, body);
        }
        let (header, after) = rest.split_at(end_of_header(rest));
        headers.push(header);
        rest = after.strip_prefix(b"\r\n").unwrap_or(after);
    }
    (headers, b"")
}

/// Where a header ends: before a line break that no white space follows.
fn end_of_header(text: &[u8]) -> usize {
    let ends = |window: &[u8]| matches!(window, [b'\r', b'\n', next] if !is_white(*next));
    let end = text.windows(3).position(ends);
    end.unwrap_or_else(|| text.strip_suffix(b"\r\n").unwrap_or(text).len())
}

/// SHA-256 of the relaxed body.
pub(super) fn body_hash(body: &[u8]) -> Digest {
    let mut relaxed = Vec::with_capacity(body.len());
    let mut empty_lines = 0;
    for line in body.split(|byte| *byte == b'\n') {
        let line = collapsed(line.strip_suffix(b"\r").unwrap_or(line));
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        // Empty lines count once something follows them.
        relaxed.extend(b"\r\n".repeat(empty_lines));
        empty_lines = 0;
        relaxed.extend(line);
        relaxed.extend(b"\r\n");
    }
    digest(&SHA256, &relaxed)
}

/// What is signed (RFC 6376 §3.7): the named headers, a name that stands twice meaning the next header of that name from
/// below, and the signature's own header as it is before the signature is in it.
pub(super) fn signing_input(headers: &[Header<'_>], names: &[&str], unsigned: Header<'_>) -> Vec<u8> {
    let mut input = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let earlier = names
            .iter()
            .take(position)
            .filter(|earlier| earlier.eq_ignore_ascii_case(name))
            .count();
        let of_name = |header: &&&[u8]| name_of(header).eq_ignore_ascii_case(name.as_bytes());
        if let Some(header) = headers.iter().rev().filter(of_name).nth(earlier) {
            input.extend(relaxed_header(header));
            input.extend(b"\r\n");
        }
    }
    input.extend(relaxed_header(unsigned));
    input
}

fn relaxed_header(header: Header<'_>) -> Vec<u8> {
    let name = name_of(header);
    let value = header.get(name.len() + 1..).unwrap_or_default();
    let value: Vec<u8> = value.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    let mut relaxed = name.trim_ascii().to_ascii_lowercase();
    relaxed.push(b':');
    relaxed.extend(collapsed(value.trim_ascii_start()));
    relaxed
}

fn name_of(header: Header<'_>) -> &[u8] {
    header.split(|byte| *byte == b':').next().unwrap_or_default()
}

/// Each run of white space as one space, and none at the end.
fn collapsed(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    for byte in text {
        match (is_white(*byte), result.last()) {
            (true, Some(b' ')) => {}
            (true, _) => result.push(b' '),
            (false, _) => result.push(*byte),
        }
    }
    if result.last() == Some(&b' ') {
        result.pop();
    }
    result
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
