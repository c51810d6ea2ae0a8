//! Lines of the log on their way to a stream that may stall, such as a pipe that nobody reads.
//!
//! Whoever logs never waits: lines that find no place are dropped, and how many is told once there is place again.

use crossbeam_channel::{Receiver, Sender, bounded};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Lines that may wait: some megabytes.
const PLACES: usize = 8192;
/// How long the process's end waits for a stream that stalls.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// Takes lines, one in each `write`.
#[derive(Debug, Clone)]
pub(crate) struct LogQueue {
    lines: Sender<Message>,
    dropped: Arc<AtomicU64>,
}

/// Writes out what is waiting when it is dropped. What is logged later is lost.
#[derive(Debug)]
pub(crate) struct LogEnd {
    lines: Sender<Message>,
    written_out: Receiver<()>,
}

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    End,
}

/// Starts the thread that writes to `stream`.
pub(crate) fn start(stream: impl Write + Send + 'static) -> io::Result<(LogQueue, LogEnd)> {
    let (lines, waiting) = bounded(PLACES);
    let (end, written_out) = bounded(1);
    let queue = LogQueue {
        lines: lines.clone(),
        dropped: Arc::default(),
    };
    let dropped = Arc::clone(&queue.dropped);
    thread::Builder::new().name("log".to_owned()).spawn(move || {
        write_out(&waiting, &dropped, stream);
        // The process may be gone already.
        let _ = end.send(());
    })?;
    Ok((queue, LogEnd { lines, written_out }))
}

fn write_out(waiting: &Receiver<Message>, dropped: &AtomicU64, mut stream: impl Write) {
    let mut told = 0;
    while let Ok(Message::Line(line)) = waiting.recv() {
        // Where nobody reads any more there is nobody to tell.
        let _ = stream.write_all(&line).and_then(|()| stream.flush());
        let total = dropped.load(Ordering::Relaxed);
        if total > told {
            told = total;
            tracing::warn!(
                total,
                "lines of the log were dropped: it was not read as fast as it grew"
            );
        }
    }
}

impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Message::Line(line.to_owned())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogEnd {
    fn drop(&mut self) {
        if self.lines.send_timeout(Message::End, LAST_PATIENCE).is_ok() {
            // Where that takes too long, the process ends without it.
            let _ = self.written_out.recv_timeout(LAST_PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// A stream that takes nothing while somebody holds the lock.
    #[derive(Clone, Default)]
    struct Stream(Arc<Mutex<Vec<u8>>>);

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_in_order_before_the_end() {
        let stream = Stream::default();
        let (mut queue, end) = start(stream.clone()).unwrap();
        for number in 0..1000 {
            writeln!(queue, "{number}").unwrap();
        }
        drop(end);
        let written = String::from_utf8(stream.0.lock().unwrap().clone()).unwrap();
        assert!(
            written
                .lines()
                .map(str::to_owned)
                .eq((0..1000).map(|number| number.to_string()))
        );
    }

    #[test]
    fn a_stream_that_stalls_costs_lines_and_not_time() {
        let stream = Stream::default();
        let (mut queue, end) = start(stream.clone()).unwrap();
        let stalled = stream.0.lock().unwrap();
        let one_in_hand = 1;
        for _ in 0..PLACES + one_in_hand + 7 {
            queue.write_all(b"line\n").unwrap();
        }
        let dropped = queue.dropped.load(Ordering::Relaxed);
        assert!((7..=8).contains(&dropped), "{dropped}");
        drop(stalled);
        drop(end);
        let written = stream.0.lock().unwrap().len() / b"line\n".len();
        assert_eq!(written as u64 + dropped, (PLACES + one_in_hand + 7) as u64);
    }
}
