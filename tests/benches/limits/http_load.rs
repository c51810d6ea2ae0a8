//! A small HTTP/1.1 load generator: keep-alive connections, one request at a time on each.

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What one connection asks.
pub(crate) trait Caller: Send {
    /// The next request; `None`: there is no more to ask.
    fn next(&mut self) -> Option<Vec<u8>>;

    /// Hears the body of an answer of status 2xx.
    fn answered(&mut self, _body: &str) {}
}

/// Everybody who calls, one connection each.
pub(crate) type Callers = Vec<Box<dyn Caller>>;

/// What a load run saw.
#[derive(Default)]
pub(crate) struct Load {
    /// Answers of status 2xx in a second.
    pub(crate) rate: f64,
    /// Answers of another status.
    pub(crate) refused: usize,
    latencies: Vec<Duration>,
}

impl Load {
    /// How many answers had status 2xx.
    pub(crate) fn answered(&self) -> usize {
        self.latencies.len()
    }

    /// The latency in milliseconds below which this share of the good answers lies.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index within the list"
        )]
        let index = ((sorted.len() as f64 - 1.0) * share).max(0.0) as usize;
        sorted
            .get(index)
            .map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// How the callers go about it.
#[derive(Clone, Copy)]
enum Pace {
    /// The next request follows the last answer.
    AtOnce,
    /// A request is due each so often, and late ones count from when they were due: otherwise a server that stalls would
    /// keep others from noticing.
    Every(Duration),
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench/1\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request with a bearer.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench/1\r\nAuthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// Lets everybody call as fast as the answers come, until `time` is over or nobody has more to ask. They take the
/// addresses in turn.
pub(crate) async fn run(addresses: &[&str], callers: Callers, time: Duration) -> Load {
    run_paced(addresses, callers, time, Pace::AtOnce).await
}

/// Lets each caller ask every `interval`.
pub(crate) async fn run_steadily(addresses: &[&str], callers: Callers, interval: Duration, time: Duration) -> Load {
    run_paced(addresses, callers, time, Pace::Every(interval)).await
}

async fn run_paced(addresses: &[&str], callers: Callers, time: Duration, pace: Pace) -> Load {
    let started = Instant::now();
    let connections: Vec<_> = callers
        .into_iter()
        .zip(addresses.iter().cycle())
        .map(|(caller, address)| tokio::spawn(connection((*address).to_owned(), caller, started + time, pace)))
        .collect();
    let mut load = Load::default();
    for connection in connections {
        let (latencies, refused) = connection.await.unwrap();
        load.latencies.extend(latencies);
        load.refused += refused;
    }
    load.rate = load.answered() as f64 / started.elapsed().as_secs_f64();
    load
}

async fn connection(
    address: String,
    mut caller: Box<dyn Caller>,
    until: Instant,
    pace: Pace,
) -> (Vec<Duration>, usize) {
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut latencies, mut refused, mut buffer) = (Vec::new(), 0, Vec::with_capacity(8192));
    let mut due = Instant::now();
    while due < until
        && let Some(request) = caller.next()
    {
        stream.write_all(&request).await.unwrap();
        let (status, body) = answer(&mut stream, &mut buffer).await;
        if (200..300).contains(&status) {
            latencies.push(due.elapsed());
            caller.answered(&body);
        } else {
            refused += 1;
        }
        match pace {
            Pace::AtOnce => due = Instant::now(),
            Pace::Every(interval) => {
                due += interval;
                tokio::time::sleep_until(due.into()).await;
            }
        }
    }
    (latencies, refused)
}

async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> (usize, String) {
    buffer.clear();
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        read_more(stream, buffer).await;
    };
    let status = number_after(buffer, b"HTTP/1.1 ").unwrap();
    // Both servers write the names of headers in lower case.
    let length = number_after(buffer, b"\r\ncontent-length: ").unwrap_or_default();
    while buffer.len() < head + length {
        read_more(stream, buffer).await;
    }
    let body = String::from_utf8_lossy(buffer.get(head..head + length).unwrap());
    (status, body.into_owned())
}

async fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    let read = stream.read_buf(buffer).await.unwrap();
    assert!(read > 0, "the server closed the connection");
}

/// The decimal number that follows `name`, in as little time as it takes: the client shares the server's cores.
fn number_after(head: &[u8], name: &[u8]) -> Option<usize> {
    let start = head.windows(name.len()).position(|window| window == name)? + name.len();
    let digits = head.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}
