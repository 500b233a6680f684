//! A mail server that keeps what it is sent: the states of SMTP are mailin's.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};

use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a mail server was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

/// A server that runs until the test ends. Until it knows everybody, it knows no user `unknown`; it says of `busy` that it is, and closes before `closing`, once.
#[derive(Debug, Clone)]
pub struct MailServer {
    pub address: SocketAddr,
    sent: Arc<Mutex<Vec<Sent>>>,
    was_busy: Arc<AtomicBool>,
    has_closed: Arc<AtomicBool>,
    knows_all: Arc<AtomicBool>,
    /// How often it has let nobody in.
    refused: Arc<AtomicUsize>,
    password: Arc<Mutex<String>>,
}

#[derive(Clone)]
struct Conversation {
    server: MailServer,
    to: Vec<String>,
    raw: Vec<u8>,
}

impl MailServer {
    /// It takes mail from `user` with this password.
    pub async fn start(password: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Self {
            address: listener.local_addr().expect("an address"),
            sent: Arc::default(),
            was_busy: Arc::default(),
            has_closed: Arc::default(),
            knows_all: Arc::default(),
            refused: Arc::default(),
            password: Arc::new(Mutex::new(password.to_owned())),
        };
        let listening = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(listening.clone().converse(stream));
            }
        });
        server
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("no test has panicked here").clone()
    }

    pub fn refused(&self) -> usize {
        self.refused.load(Relaxed)
    }

    pub fn has_closed(&self) -> bool {
        self.has_closed.load(Relaxed)
    }

    pub fn gets_to_know_all(&self) {
        self.knows_all.store(true, Relaxed);
    }

    pub fn takes(&self, password: &str) {
        *self.password.lock().expect("no test has panicked here") = password.to_owned();
    }

    async fn converse(self, stream: TcpStream) -> std::io::Result<()> {
        let peer = stream.peer_addr()?.ip();
        let handler = Conversation { server: self, to: vec![], raw: vec![] };
        let mut builder = SessionBuilder::new("mail.example.com");
        let mut session =
            builder.enable_auth(AuthMechanism::Plain).insecure_enable_plaintext_auth().build(peer, handler);
        let (reading, mut writing) = stream.into_split();
        let mut reading = BufReader::new(reading);
        let mut answer = session.greeting();
        let mut line = vec![];
        loop {
            if answer.action != Action::NoReply {
                writing.write_all(&answer.buffer()?).await?;
            }
            line.clear();
            if answer.action == Action::Close || reading.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            answer = session.process(&line);
        }
    }
}

impl Handler for Conversation {
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        let right = *self.server.password.lock().expect("no test has panicked here") == password;
        if user == "user" && right {
            return response::AUTH_OK;
        }
        self.server.refused.fetch_add(1, Relaxed);
        response::INVALID_CREDENTIALS
    }

    fn mail(&mut self, _: std::net::IpAddr, _: &str, _: &str) -> Response {
        self.to.clear();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if to.starts_with("unknown@") && !self.server.knows_all.load(Relaxed) {
            return response::NO_MAILBOX;
        }
        if to.starts_with("busy@") && !self.server.was_busy.swap(true, Relaxed) {
            return response::INTERNAL_ERROR;
        }
        if to.starts_with("closing@") && !self.server.has_closed.swap(true, Relaxed) {
            return response::NO_SERVICE;
        }
        self.to.push(to.to_owned());
        response::OK
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.raw.clear();
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.raw.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let sent = Sent { to: std::mem::take(&mut self.to), raw: std::mem::take(&mut self.raw) };
        self.server.sent.lock().expect("no test has panicked here").push(sent);
        response::OK
    }
}
