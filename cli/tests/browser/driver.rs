//! A browser by the WebDriver protocol (W3C), over plain sockets: a few commands need no library.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One window. Dropped, browser and driver end.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// Where the pages of the session at each node lie: its address, and the place behind it.
    places: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    /// A headless window with a fresh profile.
    pub fn start(folder: &Path) -> Self {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output is ours"));
        let port = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).expect("chromedriver talks") > 0, "chromedriver ended");
            if let Some(port) = line
                .split("successfully on port ")
                .nth(1)
                .and_then(|rest| rest.trim().trim_end_matches('.').parse().ok())
            {
                break port;
            }
        };
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let mut browser = Self { driver, port, session: String::new(), places: RefCell::default() };
        let profile = folder.join("profile");
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--window-size=1000,1400",
        ];
        let mut arguments: Vec<String> = flags.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let wishes = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let opened = browser.ask("POST", "/session", &wishes);
        browser.session = format!("/session/{}", opened["sessionId"].as_str().expect("a session"));
        browser
    }

    /// Opens an address of a node, below the place of the session there.
    pub fn open(&self, url: &str) {
        let (node, path) = halves(url);
        let places = self.places.borrow();
        let place = places.get(&node).filter(|_| !path.starts_with("/s/")).map_or("", String::as_str);
        self.command("POST", "/url", &json!({"url": format!("{node}{place}{path}")}));
    }

    /// Keeps where the pages lie of who has just signed in.
    pub fn seated(&self) {
        let (node, path) = halves(&self.address());
        let place = path.strip_suffix("/inbox").expect("the first page of a session");
        self.places.borrow_mut().insert(node, place.to_owned());
    }

    pub fn back(&self) {
        self.command("POST", "/back", &json!({}));
    }

    pub fn address(&self) -> String {
        text(&self.command("GET", "/url", &Value::Null))
    }

    pub fn title(&self) -> String {
        text(&self.command("GET", "/title", &Value::Null))
    }

    /// What people read in the first element that fits.
    pub fn text(&self, selector: &str) -> String {
        text(&self.command("GET", &format!("{}/text", self.element(selector)), &Value::Null))
    }

    /// Types into a field, as keys.
    pub fn write(&self, selector: &str, keys: &str) {
        let field = self.element(selector);
        self.command("POST", &format!("{field}/clear"), &json!({}));
        self.command("POST", &format!("{field}/value"), &json!({"text": keys}));
    }

    /// Sets a field whose keys depend on the browser's language, such as a date.
    pub fn fill(&self, selector: &str, value: &str) {
        self.run(&format!("document.querySelector('{selector}').value = '{value}'"));
    }

    /// Clicks what leads to another page, and waits for that page.
    pub fn follow(&self, selector: &str) {
        self.run("document.documentElement.dataset.left = 'yes'");
        self.press(selector);
        let deadline = Instant::now() + Duration::from_secs(20);
        let here = "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        while self.run(here) != json!(true) {
            assert!(Instant::now() < deadline, "{selector} led nowhere");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Clicks what stays on its page.
    pub fn press(&self, selector: &str) {
        self.command("POST", &format!("{}/click", self.element(selector)), &json!({}));
    }

    /// Runs a script of the test, which no page could.
    pub fn run(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What stands in a field.
    pub fn value(&self, selector: &str) -> String {
        text(&self.run(&format!("return document.querySelector(\"{selector}\").value")))
    }

    /// Chooses the one with these words.
    pub fn choose(&self, selector: &str, words: &str) {
        let script = format!(
            "const list = document.querySelector('{selector}'); \
             const one = [...list.options].find(option => option.text === '{words}'); \
             if (one) list.value = one.value; return !!one"
        );
        assert_eq!(self.run(&script), json!(true), "{selector} has no {words:?}");
    }

    /// Draws a line through these points of an element, measured from its left upper corner, as a mouse does.
    pub fn draw(&self, selector: &str, points: &[(i32, i32)]) {
        self.run(&format!("document.querySelector('{selector}').scrollIntoView({{block: 'center'}})"));
        let corner = self.run(&format!(
            "const box = document.querySelector('{selector}').getBoundingClientRect(); return [box.left, box.top]"
        ));
        let at = |(x, y): (i32, i32)| {
            let from = |n: usize| corner[n].as_f64().expect("a number");
            let (x, y) = (from(0) + f64::from(x), from(1) + f64::from(y));
            json!({"type": "pointerMove", "duration": 20, "x": x.round() as i64, "y": y.round() as i64, "origin": "viewport"})
        };
        let mut actions = vec![at(points[0]), json!({"type": "pointerDown", "button": 0})];
        actions.extend(points.iter().map(|point| at(*point)));
        actions.push(json!({"type": "pointerUp", "button": 0}));
        let mouse =
            json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions});
        self.command("POST", "/actions", &json!({"actions": [mouse]}));
    }

    pub fn resize(&self, width: u32, height: u32) {
        // A headless window has no least width when the device is set by the protocol of the browser itself.
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size});
        self.command("POST", "/goog/cdp/execute", &command);
    }

    /// The window as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let command = json!({"cmd": "Page.captureScreenshot", "params": {"captureBeyondViewport": true}});
        let encoded = self.command("POST", "/goog/cdp/execute", &command);
        decode(encoded["data"].as_str().expect("a picture"))
    }

    fn element(&self, selector: &str) -> String {
        let found = self.command("POST", "/element", &json!({"using": "css selector", "value": selector}));
        let id = found.as_object().and_then(|o| o.values().next()).and_then(Value::as_str).expect("an element");
        format!("/element/{id}")
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut stream = loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(Instant::now() < deadline, "chromedriver does not answer: {error}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket takes a timeout");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .expect("chromedriver listens");
        // It leaves the connection open whatever it is asked, so the length decides.
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let mut line = String::new();
            assert!(
                reader.read_line(&mut line).expect("chromedriver answers in time") > 0,
                "chromedriver ended: {head}"
            );
            if let Some(given) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = given.trim().parse().expect("a length");
            }
            head.push_str(&line);
        }
        let mut json = vec![0; length];
        reader.read_exact(&mut json).expect("chromedriver answers whole");
        let json = String::from_utf8_lossy(&json);
        let answer: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {head} {json}"));
        let value = answer["value"].clone();
        assert!(value["error"].is_null(), "{method} {path} {body}: {}: {}", value["error"], value["message"]);
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.command("DELETE", "", &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// `http://127.0.0.1:4871` and the path behind it.
fn halves(url: &str) -> (String, String) {
    let after = url.find("://").map_or(0, |at| at + 3);
    let slash = url[after..].find('/').map_or(url.len(), |at| after + at);
    (url[..slash].to_owned(), url[slash..].to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Base64 (RFC 4648, 4).
fn decode(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for sextet in text.bytes().filter_map(value) {
        (held, bits) = ((held << 6) | sextet, bits + 6);
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).expect("eight bits"));
        }
    }
    out
}
