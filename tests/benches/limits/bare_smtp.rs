//! The limit of sending mails: the same mail over and over on one connection, its commands pipelined (RFC 2920).

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Instant;

/// Mails a second.
pub(crate) fn rate(address: &str, message: &[u8], count: usize) -> f64 {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut answers, mut commands) = (BufReader::new(&stream), &stream);
    expect(&mut answers, 1);
    commands.write_all(b"EHLO bench\r\n").unwrap();
    expect(&mut answers, 1);
    let whole = [message, b".\r\n"].concat();
    let started = Instant::now();
    for _ in 0..count {
        commands
            .write_all(b"MAIL FROM:<no-reply@localhost>\r\nRCPT TO:<user-0@example.org>\r\nDATA\r\n")
            .unwrap();
        expect(&mut answers, 3);
        commands.write_all(&whole).unwrap();
        expect(&mut answers, 1);
    }
    count as f64 / started.elapsed().as_secs_f64()
}

/// Reads so many answers, none of which is a refusal.
fn expect(answers: &mut impl BufRead, count: usize) {
    for _ in 0..count {
        let mut line = String::new();
        while line.as_bytes().get(3) != Some(&b' ') {
            line.clear();
            answers.read_line(&mut line).unwrap();
        }
        assert!(line.starts_with(['2', '3']), "{line}");
    }
}
