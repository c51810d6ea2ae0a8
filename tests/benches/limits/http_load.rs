//! A small HTTP/1.1 load generator: keep-alive connections, one request at a time on each.

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection's script: given the last answer's body, the next request.
pub(crate) type Script = Box<dyn FnMut(Option<&str>) -> Vec<u8> + Send>;

/// What a load run saw.
pub(crate) struct Load {
    /// Answers of status 2xx in a second.
    pub(crate) rate: f64,
    /// Answers of another status.
    pub(crate) refused: usize,
    latencies: Vec<Duration>,
}

impl Load {
    /// The latency below which this share of the answers lies.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index within the list"
        )]
        let index = ((sorted.len() as f64 - 1.0) * share).max(0.0) as usize;
        sorted.get(index).copied().unwrap_or_default()
    }
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request with a bearer.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// Runs one connection a script for `time`.
pub(crate) async fn run(address: &str, scripts: Vec<Script>, time: Duration) -> Load {
    let started = Instant::now();
    let connections: Vec<_> = scripts
        .into_iter()
        .map(|script| tokio::spawn(connection(address.to_owned(), script, started + time)))
        .collect();
    let (mut latencies, mut refused) = (Vec::new(), 0);
    for connection in connections {
        let (seen, others) = connection.await.unwrap();
        latencies.extend(seen);
        refused += others;
    }
    let rate = latencies.len() as f64 / started.elapsed().as_secs_f64();
    Load {
        rate,
        refused,
        latencies,
    }
}

async fn connection(address: String, mut script: Script, until: Instant) -> (Vec<Duration>, usize) {
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut latencies, mut refused, mut buffer) = (Vec::new(), 0, Vec::with_capacity(8192));
    let mut last: Option<String> = None;
    while Instant::now() < until {
        let request = script(last.as_deref());
        let sent = Instant::now();
        stream.write_all(&request).await.unwrap();
        let (status, body) = answer(&mut stream, &mut buffer).await;
        if (200..300).contains(&status) {
            latencies.push(sent.elapsed());
        } else {
            refused += 1;
        }
        last = Some(body);
    }
    (latencies, refused)
}

async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> (usize, String) {
    buffer.clear();
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        assert!(
            stream.read_buf(buffer).await.unwrap() > 0,
            "the server closed the connection"
        );
    };
    let status = number_after(buffer, b"HTTP/1.1 ").unwrap();
    // Both servers write the names of headers in lower case.
    let length = number_after(buffer, b"\r\ncontent-length: ").unwrap_or_default();
    while buffer.len() < head + length {
        assert!(
            stream.read_buf(buffer).await.unwrap() > 0,
            "the server closed the connection"
        );
    }
    (
        status,
        String::from_utf8_lossy(buffer.get(head..head + length).unwrap()).into_owned(),
    )
}

/// The decimal number that follows `name`, in as little time as it takes: the client shares the server's cores.
fn number_after(head: &[u8], name: &[u8]) -> Option<usize> {
    let start = head.windows(name.len()).position(|window| window == name)? + name.len();
    let digits = head.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}
