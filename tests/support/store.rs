//! Stores on loopback: an S3 server from a package (moto) behind a gate that can be shut, and a web server that
//! answers as a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::common::skip::skip;

/// Serves until its standard input ends, which it does when the test does.
const MOTO: &str = "import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
";

/// The bucket of all tests.
pub const BUCKET: &str = "shocks";

/// Any signature: the server believes who asks.
const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, \
                      SignedHeaders=host, Signature=0\r\n";

/// An S3 server with one bucket.
pub struct Store {
    server: Child,
    direct: SocketAddr,
    gate: SocketAddr,
    is_open: Arc<AtomicBool>,
}

impl Store {
    /// Starts one; `None`, after saying so, where there is no such package.
    pub fn start() -> Option<Store> {
        let Some(python) = std::env::var_os("SHOCKSWEEP_PYTHON") else {
            skip("it needs Python with moto: run tests/run.sh, or set SHOCKSWEEP_PYTHON");
            return None;
        };
        let mut server = Command::new(python)
            .args(["-c", MOTO])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the Python of SHOCKSWEEP_PYTHON starts");
        let mut line = String::new();
        let out = server.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let Ok(port) = line.trim().parse::<u16>() else {
            // It has ended already, or is of no use.
            let _ = server.kill();
            let _ = server.wait();
            skip("the Python of SHOCKSWEEP_PYTHON has no moto: see tests/requirements.txt");
            return None;
        };
        let direct = SocketAddr::from(([127, 0, 0, 1], port));
        let is_open = Arc::new(AtomicBool::new(true));
        let gate = gate(direct, Arc::clone(&is_open));
        let store = Store { server, direct, gate, is_open };
        assert_eq!(store.ask("PUT", &format!("/{BUCKET}"), b"").0, 200, "a new bucket");
        Some(store)
    }

    /// Lets nobody through any more, nor those who are inside.
    pub fn shut(&self) {
        self.is_open.store(false, Ordering::SeqCst);
    }

    /// Lets everybody through.
    pub fn open(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }

    /// The program, with what it needs to know of the store.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command.args(args);
        known(&mut command, self.gate);
        command
    }

    /// Standard output of a command that succeeds.
    #[track_caller]
    pub fn succeeds(&self, args: &[&str]) -> String {
        let output = self.program(args).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Exit code and standard error of a command.
    pub fn fails(&self, args: &[&str]) -> (i32, String) {
        let output = self.program(args).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        (output.status.code().expect("an exit code"), said)
    }

    /// Content of an object of the bucket.
    pub fn object(&self, name: &str) -> Option<Vec<u8>> {
        let (status, body) = self.ask("GET", &format!("/{BUCKET}/{name}"), b"");
        (status == 200).then_some(body)
    }

    /// Puts an object.
    pub fn put(&self, name: &str, content: &[u8]) {
        assert_eq!(self.ask("PUT", &format!("/{BUCKET}/{name}"), content).0, 200, "{name}");
    }

    /// Removes an object.
    pub fn remove(&self, name: &str) {
        assert_eq!(self.ask("DELETE", &format!("/{BUCKET}/{name}"), b"").0, 204, "{name}");
    }

    /// Names of the objects below a prefix, without it, sorted.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let (status, body) =
            self.ask("GET", &format!("/{BUCKET}?list-type=2&max-keys=1000&prefix={prefix}/"), b"");
        assert_eq!(status, 200);
        let text = String::from_utf8(body).expect("XML");
        assert!(text.contains("<IsTruncated>false"), "{text}");
        let keys = text.split("<Key>").skip(1).map(|rest| rest.split('<').next().expect("a key"));
        let mut names: Vec<String> =
            keys.map(|key| key.strip_prefix(prefix).expect("below it")[1..].to_string()).collect();
        names.sort();
        names
    }

    /// Waits for an object.
    #[track_caller]
    pub fn wait_for(&self, name: &str) {
        let started = Instant::now();
        while self.object(name).is_none() {
            assert!(started.elapsed() < Duration::from_secs(120), "{name} does not come");
            sleep(Duration::from_millis(5));
        }
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        ask(self.direct, method, path, SIGNED, body)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Tells a program of a store at an address.
pub fn known(command: &mut Command, at: SocketAddr) {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in
        names.filter(|name| name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy"))
    {
        command.env_remove(name);
    }
    command
        .env("AWS_ENDPOINT_URL", format!("http://{at}"))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .env("SHOCKSWEEP_STORE_PATIENCE", "1");
}

/// One request and its answer.
fn ask(at: SocketAddr, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(at).expect("a server");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("headers");
    let head = String::from_utf8_lossy(&answer[..end]).to_string();
    assert!(!head.to_lowercase().contains("chunked"), "{head}");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    (status, answer[end + 4..].to_vec())
}

/// Passes bytes on while it is open.
fn gate(to: SocketAddr, is_open: Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let pass = |mut from: TcpStream, mut to: TcpStream, is_open: Arc<AtomicBool>| {
        from.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let mut bytes = [0; 1 << 16];
        while is_open.load(Ordering::SeqCst) {
            match from.read(&mut bytes) {
                Ok(0) => break,
                Ok(read) if to.write_all(&bytes[..read]).is_err() => break,
                Ok(_) => {}
                Err(e)
                    if matches!(
                        e.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) => {}
                Err(_) => break,
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    };
    spawn(move || {
        for stream in listener.incoming().flatten() {
            if !is_open.load(Ordering::SeqCst) {
                continue;
            }
            let Ok(there) = TcpStream::connect(to) else { continue };
            let ends =
                (stream.try_clone().expect("a socket"), there.try_clone().expect("a socket"));
            let (a, b) = (Arc::clone(&is_open), Arc::clone(&is_open));
            spawn(move || pass(stream, there, a));
            spawn(move || pass(ends.1, ends.0, b));
        }
    });
    address
}

/// Answers of a web server: status, headers, content.
pub type Answer = (u16, String, Vec<u8>);

/// Serves what `answer` says of a method and a path.
pub fn web(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let answer = Arc::new(answer);
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            spawn(move || {
                let mut stream = stream;
                let mut lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
                let Some(Ok(first)) = lines.next() else { return };
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let mut words = first.split(' ');
                let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
                let (status, headers, content) = answer(method, path);
                let length = match headers.contains("Content-Length") {
                    true => String::new(),
                    false => format!("Content-Length: {}\r\n", content.len()),
                };
                let head =
                    format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{length}{headers}\r\n");
                let _ = stream.write_all(head.as_bytes());
                if method != "HEAD" {
                    let _ = stream.write_all(&content);
                }
            });
        }
    });
    address
}

/// Answers of a web server that shows a folder.
pub fn shows(folder: &Path) -> impl Fn(&str, &str) -> Answer + Send + Sync + use<> {
    let folder = folder.to_path_buf();
    let date = "Last-Modified: Fri, 27 Nov 2026 18:00:00 GMT\r\n";
    move |_, path| match std::fs::read(folder.join(path.trim_start_matches('/'))) {
        Ok(content) => (200, date.to_string(), content),
        Err(_) => (404, String::new(), b"nothing there".to_vec()),
    }
}
