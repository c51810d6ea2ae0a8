//! The built server as a child process.

use crate::commands::{cargo, run, target_folder};
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

const HOST: &str = "127.0.0.1";
const LONGEST_START: Duration = Duration::from_secs(20);

/// A server that stops when this is dropped.
pub(crate) struct RunningServer {
    process: Child,
    port: u16,
}

impl RunningServer {
    /// Builds the server and starts it on a free port with an empty data folder of its own,
    /// `target/<name>/data`, and `settings`. What it says goes to `target/<name>/server.log`.
    pub(crate) fn start(name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        run(&mut cargo(["build", "--workspace", "--bin", "gatewright"]))?;
        let folder = target_folder()?.join(name);
        let data = data_folder(name)?;
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        let mut process = Command::new(target_folder()?.join("debug/gatewright"))
            .current_dir(&folder)
            .env_clear()
            .env("BIND", format!("{HOST}:0"))
            .env("DATA_DIR", &data)
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting the server")?;
        let port = port_it_says(&mut process, &folder.join("server.log"));
        let mut server = Self { process, port: 0 };
        server.port = port?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{HOST}:{}", self.port)
    }

    /// The body of the 200 answer to a GET.
    pub(crate) fn get(&self, path: &str) -> Result<String> {
        let mut connection = TcpStream::connect((HOST, self.port))?;
        write!(connection, "GET {path} HTTP/1.0\r\nHost: {HOST}:{}\r\n\r\n", self.port)?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status == "200", "GET {path} answers {status}");
        Ok(body.to_owned())
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The data folder of the server started under `name`.
pub(crate) fn data_folder(name: &str) -> Result<PathBuf> {
    Ok(target_folder()?.join(name).join("data"))
}

/// The port of the address that the server says it listens on.
fn port_it_says(process: &mut Child, log: &Path) -> Result<u16> {
    let log_file = File::create(log)?;
    let (found, port) = mpsc::channel();
    if let Some(stdout) = process.stdout.take() {
        follow(stdout, log_file.try_clone()?, found.clone());
    }
    if let Some(stderr) = process.stderr.take() {
        follow(stderr, log_file, found);
    }
    port.recv_timeout(LONGEST_START)
        .with_context(|| format!("the server did not say where it listens; see {}", log.display()))
}

/// Copies what comes to `log` for as long as the server runs, and hands on the first port.
fn follow(stream: impl Read + Send + 'static, mut log: File, found: Sender<u16>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(port) = port_in(&line) {
                // Nobody listens any more after the first one.
                let _ = found.send(port);
            }
            if writeln!(log, "{line}").is_err() {
                return;
            }
        }
    });
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(&format!("http://{HOST}:"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_whatever_line_names_the_address() {
        assert_eq!(
            port_in("  listening on  http://127.0.0.1:40123/  (docs: /docs)"),
            Some(40123)
        );
        assert_eq!(port_in("links in mails begin with http://localhost:8000"), None);
    }
}
