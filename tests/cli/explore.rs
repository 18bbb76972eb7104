//! The server of the live page: what it refuses, what it cuts off, and that it answers all others.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::explore::Explorer;
use shocksweep::low_level::model::constants::{MIN_LOSS, STEPS};
use shocksweep::low_level::results::Record;
use shocksweep::low_level::results::trace::TracedLoss;
use shocksweep::low_level::scenario::switches::Switches;
use shocksweep::low_level::scenario::{Course, Scenario, spec};
use shocksweep::low_level::serve::limits::Limits;
use shocksweep::low_level::serve::{Server, Token};
use shocksweep::open;

pub const TOKEN: &str = "only-for-these-tests";

/// A server of the built-in world, on a thread of its own until the program ends.
pub fn serve(limits: Limits) -> SocketAddr {
    let explorer = Explorer::new(Arc::new(open("synthetic").unwrap()), None).unwrap();
    serve_it(explorer, limits)
}

pub fn serve_it(explorer: Explorer, limits: Limits) -> SocketAddr {
    let (near, token) = ("127.0.0.1:0".parse().unwrap(), Token::chosen(TOKEN).unwrap());
    let server = Server::bind(Arc::new(explorer), near, token, Vec::new(), limits).unwrap();
    let address = server.address();
    std::thread::spawn(move || server.run(std::future::pending()).unwrap());
    address
}

/// What a server says to these bytes until it closes the connection.
fn said(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // It may close before it has read everything.
    let _ = stream.write_all(bytes);
    until_end(&mut stream)
}

fn until_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

fn get(address: SocketAddr, path: &str, headers: &str) -> String {
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n");
    said(address, head.as_bytes())
}

pub fn post(address: SocketAddr, headers: &str, body: &str) -> String {
    let head = format!(
        "POST /api/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    said(address, head.as_bytes())
}

pub fn bearer() -> String {
    format!("Authorization: Bearer {TOKEN}\r\n")
}

const LOSSES: &str = r#"{"question": {"ask": "losses", "tell": {"measure": "kcal"},
    "case": {"failures": [{"area": "India", "item": "Rice and products", "phi": 1}]}}}"#;

#[test]
fn the_page_and_its_headers() {
    let address = serve(Limits::default());
    let page = get(address, "/", "");
    assert_eq!(status(&page), 200);
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    for needed in [
        "content-type: text/html; charset=utf-8",
        "content-security-policy: default-src 'none'; script-src 'self';",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(head.contains(needed), "{needed} is not in\n{head}");
    }
    assert!(!head.contains("access-control"), "{head}");
    // Everything that the page names is there, and nothing is elsewhere.
    let named: Vec<&str> =
        body.split(['"']).filter(|part| part.starts_with('/') && part.contains('.')).collect();
    assert!(named.len() > 10, "{named:?}");
    for path in named {
        assert_eq!(status(&get(address, path, "")), 200, "{path}");
    }
    assert!(!body.contains("://") && !body.contains("<script>"), "{body}");
    assert_eq!(status(&get(address, "/nothing", "")), 404);
    assert_eq!(status(&get(address, "/../Cargo.toml", "")), 404);
}

#[test]
fn who_has_no_token_learns_nothing() {
    let address = serve(Limits::default());
    for wrong in ["", "Authorization: Bearer wrong\r\n", "Authorization: only-for-these-tests\r\n"]
    {
        assert_eq!(status(&get(address, "/api/world", wrong)), 401, "{wrong}");
        assert_eq!(status(&post(address, wrong, LOSSES)), 401, "{wrong}");
    }
    let in_the_path = get(address, &format!("/api/world?token={TOKEN}"), "");
    assert_eq!(status(&in_the_path), 401);
    assert!(!in_the_path.contains("India"));
    assert!(get(address, "/api/world", &bearer()).contains("India"));
    let answer = post(address, &bearer(), LOSSES);
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("\"by_area\""));
}

#[test]
fn other_hosts_origins_and_methods() {
    let address = serve(Limits::default());
    let asked = |head: &str| {
        status(&said(
            address,
            format!("{head}\r\n{}Connection: close\r\n\r\n", bearer()).as_bytes(),
        ))
    };
    let port = address.port();
    assert_eq!(asked(&format!("GET /api/world HTTP/1.1\r\nHost: {address}")), 200);
    assert_eq!(asked(&format!("GET /api/world HTTP/1.1\r\nHost: localhost:{port}")), 200);
    assert_eq!(asked(&format!("GET / HTTP/1.1\r\nHost: evil.example:{port}")), 421);
    assert_eq!(asked("GET /api/world HTTP/1.1\r\nHost: evil.example"), 421);
    assert_eq!(asked("GET /api/world HTTP/1.1"), 421);
    assert_eq!(asked("GET /api/world HTTP/1.0"), 421);
    let from = |line: &str| asked(&format!("GET /api/world HTTP/1.1\r\nHost: {address}\r\n{line}"));
    assert_eq!(from(&format!("Origin: http://{address}")), 200);
    assert_eq!(from("Origin: http://evil.example"), 403);
    assert_eq!(from("Origin: null"), 403);
    assert_eq!(from("Sec-Fetch-Site: cross-site"), 403);
    let preflight = said(
        address,
        format!(
            "OPTIONS /api/ask HTTP/1.1\r\nHost: {address}\r\nOrigin: http://evil.example\r\n\
             Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
        )
        .as_bytes(),
    );
    assert_eq!(status(&preflight), 403);
    assert!(!preflight.to_lowercase().contains("access-control"), "{preflight}");
    for method in ["PUT", "DELETE", "PATCH", "POST"] {
        assert_eq!(asked(&format!("{method} / HTTP/1.1\r\nHost: {address}")), 405, "{method}");
    }
    assert_eq!(asked(&format!("GET /api/ask HTTP/1.1\r\nHost: {address}")), 405);
}

#[test]
fn too_much_and_nonsense() {
    let limits = Limits::default();
    let address = serve(limits);
    let long = format!("{{\"page\": \"{}\"}}", "x".repeat(limits.body));
    assert_eq!(status(&post(address, &bearer(), &long)), 413);
    // Announced to be long, and never sent.
    let announced = format!(
        "POST /api/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{}\
         Content-Length: 99999999999\r\nConnection: close\r\n\r\n",
        bearer()
    );
    assert_eq!(status(&said(address, announced.as_bytes())), 413);
    let head = format!("X-Long: {}\r\n", "x".repeat(limits.head));
    assert_eq!(status(&get(address, "/", &head)), 431);
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert_eq!(status(&get(address, "/", &many)), 431);
    assert_eq!(status(&said(address, b"\x16\x03\x01 is TLS, and no HTTP\r\n\r\n")), 400);
    assert_eq!(status(&said(address, b"GET / HTTP/9.9\r\n\r\n")), 400);
    let text = format!(
        "POST /api/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: text/plain\r\n{}\
         Content-Length: 2\r\nConnection: close\r\n\r\n{{}}",
        bearer()
    );
    assert_eq!(status(&said(address, text.as_bytes())), 415);
    for (body, expected, words) in [
        ("", 400, "EOF"),
        ("[1, 2", 400, "invalid type"),
        ("\u{0}\u{1}", 400, "expected value"),
        (r#"{"question": {"ask": "everything"}}"#, 400, "unknown variant `everything`"),
        (&LOSSES.replace("kcal", "gold"), 422, "one of kcal, mass"),
        (&LOSSES.replace("India", "Indja"), 422, "did you mean `India`?"),
        (&LOSSES.replace("\"phi\": 1", "\"phi\": 2"), 422, "phi must lie in [0, 1]"),
        (&LOSSES.replace("\"phi\": 1", "\"phi\": 1e999"), 400, "number out of range"),
        (
            &LOSSES.replace("\"phi\": 1", "\"phi\": 1, \"from\": 4, \"to\": 2"),
            422,
            "years from 1 to 10",
        ),
        (
            &LOSSES.replace("\"phi\": 1", "\"phi\": 1, \"to\": 4294967295"),
            422,
            "years from 1 to 10",
        ),
        (&LOSSES.replace("\"phi\"", "\"phy\""), 400, "unknown field `phy`"),
        (r#"{"question": {"ask": "find", "text": "x", "most": 5}}"#, 422, "--result"),
        (r#"{"question": {"ask": "find", "text": "x", "most": 99999999}}"#, 422, "1000 at most"),
    ] {
        let answer = post(address, &bearer(), body);
        assert_eq!(status(&answer), expected, "{body}\n{answer}");
        assert!(answer.contains(words), "{body}\n{answer}");
    }
    let nested = "[".repeat(60_000);
    assert_eq!(status(&post(address, &bearer(), &nested)), 400);
    assert_eq!(status(&post(address, &bearer(), LOSSES)), 200, "it still answers");
}

#[test]
fn who_is_slow_is_cut_off() {
    let limits = Limits {
        head_time: Duration::from_millis(300),
        body_time: Duration::from_millis(300),
        write_time: Duration::from_millis(500),
        ..Limits::default()
    };
    let address = serve(limits);
    let connect = || {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    };
    // Half a head, and no more.
    let mut half = connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    until_end(&mut half);
    // A head, and half a question.
    let mut body = connect();
    let head = format!(
        "POST /api/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{}\
         Content-Length: 100\r\n\r\n{{\"quest",
        bearer()
    );
    body.write_all(head.as_bytes()).unwrap();
    assert_eq!(status(&until_end(&mut body)), 408);
    // Nothing at all.
    until_end(&mut connect());
    // Asks for far more than fits between the two, and takes none of it.
    let mut greedy = connect();
    let ask = format!("GET /echarts.js HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let started = Instant::now();
    let broke = loop {
        match greedy.write_all(ask.as_bytes()) {
            Err(_) => break true,
            Ok(()) if started.elapsed() > Duration::from_secs(60) => break false,
            Ok(()) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert!(broke, "a client that takes nothing is still served");
    assert_eq!(status(&post(address, &bearer(), LOSSES)), 200, "it still answers");
}

#[test]
fn fifty_at_once_get_the_same_answer() {
    let address = serve(Limits::default());
    let alone = post(address, &bearer(), LOSSES);
    let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_string();
    assert!(body(&alone).contains("\"by_area\""));
    let asking: Vec<_> =
        (0..50).map(|_| std::thread::spawn(move || post(address, &bearer(), LOSSES))).collect();
    for answer in asking {
        assert_eq!(body(&answer.join().unwrap()), body(&alone));
    }
}

#[test]
fn every_loss_goes_as_an_arrow_file() {
    let address = serve(Limits::default());
    let asked = r#"{"question": {"ask": "table", "case": {"failures": [
        {"area": "India", "item": "Rice and products", "phi": 0.5, "from": 2}]}}}"#;
    let mut stream = TcpStream::connect(address).unwrap();
    let headers = bearer();
    let head = format!(
        "POST /api/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {}\r\nConnection: close\r\n\r\n{asked}",
        asked.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let start = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&bytes[..start]).to_lowercase();
    assert!(head.contains("content-type: application/vnd.apache.arrow.file"), "{head}");
    let file = std::io::Cursor::new(bytes[start..].to_vec());
    let file = arrow_ipc::reader::FileReader::try_new(file, None).unwrap();
    let metadata = file.schema().metadata().clone();
    assert_eq!(metadata.get("shocksweep.synthetic").map(|s| s.as_str()), Some("true"));
    assert!(metadata.get("shocksweep.scenario").is_some_and(|s| s.contains("India")));
    let rows: Vec<TracedLoss> = file.flat_map(|b| TracedLoss::rows(&b.unwrap()).unwrap()).collect();

    // As the plain engine has them, every one that counts and no other.
    let world = open("synthetic").unwrap();
    let engine = ReferenceEngine::new(&world, STEPS);
    let mut shocks = spec::parse("India/Rice and products=0.5", &world).unwrap();
    shocks[0].course = Course { from: 1, to: u32::MAX, decay: 0.0 };
    let settings = Switches::default().settings_for(&world).unwrap();
    let mut compared = [0; 2];
    for (way, adaptation) in [None, Some(settings)].into_iter().enumerate() {
        let run = Scenario::new(0, shocks.clone(), &world.labels).unwrap();
        let run = run.with_adaptation(adaptation);
        let steps: Vec<usize> = (0..STEPS).collect();
        let of = engine.losses(&[run], &steps, 0.0, &|_| {}).unwrap().of;
        for (t, outcome) in of.iter().enumerate() {
            let own = rows.iter().filter(|r| r.adaptation.is_adaptive() == (way == 1));
            let mut own = own.filter(|r| r.step as usize == t);
            for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
                let s = sector as usize;
                // What lies on the limit itself may be listed or not.
                if (loss.abs() / MIN_LOSS - 1.0).abs() < 1e-6 || loss.abs() < MIN_LOSS {
                    continue;
                }
                let row = own.next().expect("a row");
                let name = format!("{} / {}", row.area, row.item);
                assert_eq!(name, world.labels.sector_name(s));
                let within = 1e-9 * engine.baseline().available[t][s].max(loss.abs());
                assert!((row.al - loss).abs() <= within, "{name}: {} {loss}", row.al);
                compared[way] += 1;
            }
            assert!(own.next().is_none_or(|r| (r.al.abs() / MIN_LOSS - 1.0).abs() < 1e-6));
        }
    }
    assert!(compared.iter().all(|&of| of > 1000), "{compared:?}");
}

#[test]
fn connections_beyond_the_cap_are_closed_and_the_rest_served() {
    let address = serve(Limits { connections: 4, ..Limits::default() });
    let held: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
    // The fifth is closed without an answer, once the four have been accepted.
    assert_eq!(status(&get(address, "/", "")), 0);
    drop(held);
    let started = Instant::now();
    while status(&get(address, "/", "")) != 200 {
        assert!(started.elapsed() < Duration::from_secs(60), "no room is made again");
        std::thread::sleep(Duration::from_millis(20));
    }
}
