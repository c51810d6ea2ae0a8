//! A mail server that keeps what it accepts, as one has to (RFC 5321 §6.1), and does nothing else.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long to wait for the last of the mails.
const PATIENCE: Duration = Duration::from_mins(2);

/// It listens for as long as this process lives.
pub(crate) struct SmtpSink {
    pub(crate) address: String,
    accepted: Arc<Mutex<Accepted>>,
}

#[derive(Default)]
struct Accepted {
    times: Vec<Instant>,
    newest: Vec<u8>,
}

impl SmtpSink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let accepted = Arc::new(Mutex::new(Accepted::default()));
        let shared = Arc::clone(&accepted);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, accepted) = (stream.unwrap(), Arc::clone(&shared));
                // A client that leaves without a word ends its conversation.
                std::thread::spawn(move || drop(converse(&stream, &accepted)));
            }
        });
        Self { address, accepted }
    }

    /// Forgets what it accepted so far.
    pub(crate) fn forget(&self) {
        *self.accepted.lock().unwrap() = Accepted::default();
    }

    /// Mails a second from the first to the last of `count`, for which it waits.
    pub(crate) fn rate(&self, count: usize) -> f64 {
        let given_up_at = Instant::now() + PATIENCE;
        loop {
            if let times = &self.accepted.lock().unwrap().times
                && times.len() >= count
                && let [first, .., last] = times.as_slice()
            {
                return (times.len() - 1) as f64 / last.duration_since(*first).as_secs_f64();
            }
            assert!(Instant::now() < given_up_at, "mails are missing");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A mail it accepted, as it came.
    pub(crate) fn newest(&self) -> Vec<u8> {
        self.accepted.lock().unwrap().newest.clone()
    }
}

fn converse(stream: &TcpStream, accepted: &Mutex<Accepted>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut spool = tempfile::tempfile()?;
    let (mut lines, mut answers) = (BufReader::new(stream), stream);
    answers.write_all(b"220 sink ESMTP\r\n")?;
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
            "DATA" => {
                answers.write_all(b"354 go on\r\n")?;
                let message = message(&mut lines)?;
                keep(&mut spool, &message)?;
                let mut accepted = accepted.lock().unwrap();
                accepted.times.push(Instant::now());
                accepted.newest = message;
                "250 kept\r\n"
            }
            "QUIT" => return answers.write_all(b"221 bye\r\n"),
            _ => "250 ok\r\n",
        };
        answers.write_all(answer.as_bytes())?;
    }
}

/// Up to the line with nothing but a dot, which is left out.
fn message(lines: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let start = message.len();
        lines.read_until(b'\n', &mut message)?;
        if message.get(start..) == Some(b".\r\n") || message.len() == start {
            message.truncate(start);
            return Ok(message);
        }
    }
}

fn keep(spool: &mut File, message: &[u8]) -> std::io::Result<()> {
    spool.write_all(message)?;
    spool.sync_data()
}
