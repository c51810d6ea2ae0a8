//! Mail servers that do what no real one does when asked: each is a small conversation, written out in its test.

use crate::PATIENCE;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Listens on a port of its own and holds the same conversation on every connection.
pub(crate) struct ScriptedServer {
    port: u16,
    talks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// The server's end of one connection.
pub(crate) struct Talk {
    pub(crate) stream: BufReader<TcpStream>,
}

impl ScriptedServer {
    /// `script` gets the number of the connection, from 1 on, and its end; the connection is closed when it returns.
    pub(crate) async fn start<S, F>(script: S) -> Self
    where
        S: Fn(usize, Talk) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let talks = Arc::<Mutex<Vec<JoinHandle<()>>>>::default();
        let begun = Arc::clone(&talks);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let stream = BufReader::new(stream);
                let mut begun = begun.lock().unwrap();
                let number = begun.len() + 1;
                begun.push(tokio::spawn(script(number, Talk { stream })));
            }
        });
        Self { port, talks }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    pub(crate) fn url_with(&self, login: &str, tls: &str) -> String {
        format!("smtp://{login}127.0.0.1:{}?tls={tls}", self.port)
    }

    /// How many there were so far.
    pub(crate) fn connections(&self) -> usize {
        self.talks.lock().unwrap().len()
    }

    /// Waits until every conversation ended, and fails where one did not go as its script has it.
    pub(crate) async fn finish(&self) {
        let talks = std::mem::take(&mut *self.talks.lock().unwrap());
        for talk in talks {
            tokio::time::timeout(PATIENCE, talk).await.unwrap().unwrap();
        }
    }
}

impl Talk {
    pub(crate) async fn say(&mut self, lines: &str) {
        // Whoever hung up hears nothing, which is for the test to notice.
        let _ = self.stream.write_all(lines.as_bytes()).await;
    }

    /// The next line without its end, empty when the other side hung up.
    pub(crate) async fn hear(&mut self) -> String {
        let mut line = String::new();
        let _ = self.stream.read_line(&mut line).await;
        line.trim_end().to_owned()
    }

    /// Hears a line that begins so, and answers it.
    pub(crate) async fn expect(&mut self, command: &str, answer: &str) {
        let heard = self.hear().await;
        assert!(heard.starts_with(command), "{heard:?} instead of {command}");
        self.say(answer).await;
    }

    /// Greets, and offers this after `EHLO`.
    pub(crate) async fn begin(&mut self, offers: &[&str]) {
        self.say("220 scripted ESMTP\r\n").await;
        self.expect("EHLO id.example.org", "250-scripted\r\n").await;
        for offer in offers {
            self.say(&format!("250-{offer}\r\n")).await;
        }
        self.say("250 HELP\r\n").await;
    }

    /// Takes an envelope, up to the permission to send the message.
    pub(crate) async fn envelope(&mut self) {
        self.expect("MAIL FROM:<", "250 ok\r\n").await;
        self.expect("RCPT TO:<", "250 ok\r\n").await;
        self.expect("DATA", "354 go on\r\n").await;
    }

    /// Hears a message to its end; `None` when the other side hung up before.
    pub(crate) async fn message(&mut self) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            match self.stream.read_line(&mut line).await {
                Ok(0) | Err(_) => return None,
                Ok(_) if line == ".\r\n" => return Some(lines),
                Ok(_) => lines.push(line),
            }
        }
    }

    /// Takes one mail.
    pub(crate) async fn take_mail(&mut self) {
        self.envelope().await;
        self.message().await.unwrap();
        self.say("250 taken\r\n").await;
    }

    /// Says nothing more, and waits until the other side hangs up.
    pub(crate) async fn fall_silent(mut self) {
        let mut ignored = Vec::new();
        let _ = self.stream.read_to_end(&mut ignored).await;
    }

    /// As [`fall_silent`](Self::fall_silent), and nothing may be said.
    pub(crate) async fn expect_no_more(mut self) {
        assert_eq!(self.hear().await, "");
    }
}
