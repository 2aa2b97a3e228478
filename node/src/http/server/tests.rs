use super::*;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn only_addresses_of_this_machine_alone_are_taken() {
    for ours in ["127.0.0.1:0", "localhost:4871", "[::1]:4871"] {
        assert!(parse(ours).is_ok(), "{ours}");
    }
    for open in ["0.0.0.0:4871", "[::]:4871", "192.168.1.5:80", "[::ffff:127.0.0.1]:80", "127.0.0.2:80"] {
        let failure = parse(open).unwrap_err();
        assert!(failure.message.contains("this machine only"), "{open}: {failure}");
        assert!(failure.next.is_some());
    }
    for wrong in ["", "4871", "localhost", "belay.example:80", "127.0.0.1:99999"] {
        assert!(parse(wrong).unwrap_err().message.contains("takes an address and a port"), "{wrong}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named_and_port_zero_takes_a_free_one() {
    let first = Server::bind("127.0.0.1:0").await.unwrap();
    assert_ne!(first.address().port(), 0);
    let second = Server::bind(&first.address().to_string()).await.err().unwrap();
    assert!(second.message.contains(&first.address().to_string()), "{second}");
    assert!(second.message.contains("taken"), "{second}");
}

#[tokio::test]
async fn stopping_answers_what_is_under_way_and_closes_the_port() {
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.address();
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "answered"
    };
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(server.serve(Router::new().route("/", get(slow)), stopped));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(true).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.ends_with("answered"), "{text}");
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_answer_that_takes_too_long_carries_the_headers_of_all_others() {
    use tower::ServiceExt;
    let never = || std::future::pending::<&'static str>();
    let place = Arc::new(Arc::new(Places::default()).enter(Ipv4Addr::LOCALHOST.into()));
    let router = limited(Router::new().route("/", get(never)), Duration::ZERO, Caller(place));
    let answer = router.oneshot(Request::get("/").body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-security-policy").as_deref(), Some(super::super::headers::POLICY));
    assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
}

/// Reads until the other side closes, or an answer has come.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let length = stream.read(&mut bytes).await.unwrap_or(0);
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn idle_strangers_hold_nobody_up_and_who_is_signed_in_stays() {
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.address();
    let signed = |caller: axum::Extension<Caller>| async move {
        caller.is_signed_in();
        "signed in"
    };
    let (_stop, stopped) = watch::channel(false);
    let router = Router::new().route("/", get(|| async { "anybody" })).route("/inbox", get(signed));
    let _serving = tokio::spawn(server.serve(router, stopped));
    let mut member = TcpStream::connect(address).await.unwrap();
    member.write_all(b"GET /inbox HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(answer(&mut member).await.ends_with("signed in"));
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let mut late = TcpStream::connect(address).await.unwrap();
    late.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(answer(&mut late).await.ends_with("anybody"), "answered at once");
    assert_eq!(answer(&mut idle[0]).await, "", "the oldest stranger was shown out");
    member.write_all(b"GET /inbox HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(answer(&mut member).await.ends_with("signed in"), "on the same connection");
}
