//! `gatewright health`

use crate::cli::configured;
use crate::exit::Failure;
use crate::start_message::reachable_here;
use crate::terminal;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long connecting, sending and each part of the answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Nothing longer is read: the answer's first line has the status.
const STATUS_LINE: u64 = 64;

pub(super) fn run() -> Result<(), Failure> {
    let address = reachable_here(configured()?.server.bind);
    if address.port() == 0 {
        let advice = "BIND names port 0, so nobody knows which one the server picked; name one";
        return Err(Failure::Usage(advice.to_owned()));
    }
    let status = ask(address).map_err(|error| Failure::Other(format!("{address} does not answer: {error}")))?;
    if status != "200" {
        return Err(Failure::Other(format!("{address} answers {status}")));
    }
    terminal::answer("alive");
    Ok(())
}

/// The status of `/health/live`: whether the process answers, whatever it depends on.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // In one piece: whoever has read enough of it may answer and close.
    let request = format!("GET /health/live HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(STATUS_LINE).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status
        .map(str::to_owned)
        .ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "it does not speak HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// What somebody who answers `text` to everybody is taken for.
    fn status_of(text: &'static str) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answering = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let status = ask(address);
        assert!(answering.join().unwrap().starts_with("GET /health/live HTTP/1.1\r\n"));
        status
    }

    #[test]
    fn the_status_is_the_answers() {
        assert_eq!(status_of("HTTP/1.1 200 OK\r\n\r\n").unwrap(), "200");
        assert_eq!(status_of("HTTP/1.1 503 Service Unavailable\r\n").unwrap(), "503");
        status_of("SSH-2.0-OpenSSH_9.2\r\n").unwrap_err();
        status_of("").unwrap_err();
    }
}
