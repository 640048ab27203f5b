use super::*;
use http::HeaderName;

fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}

fn read(method: &Method, path: &str, pairs: &[(HeaderName, &'static str)]) -> Result<Head, (Encoding, Rejection)> {
    Head::read(method, path, &headers(pairs), &Limits::default())
}

#[test]
fn the_head_of_a_real_export_is_read() {
    let sent = [(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "gzip"), (CONTENT_LENGTH, "2407")];
    let head = Head { signal: Signal::Logs, encoding: Encoding::Json, coding: Coding::Gzip };
    assert_eq!(read(&Method::POST, "/v1/logs", &sent), Ok(head));
}

#[test]
fn an_export_needs_no_length_and_no_content_encoding() {
    let head = Head { signal: Signal::Metrics, encoding: Encoding::Protobuf, coding: Coding::Identity };
    let sent = [(CONTENT_TYPE, "application/x-protobuf")];
    assert_eq!(read(&Method::POST, "/v1/metrics", &sent), Ok(head));
}

#[test]
fn case_and_parameters_of_a_content_type_do_not_matter() {
    for (named, encoding) in [
        ("Application/JSON", Encoding::Json),
        ("application/json; charset=utf-8", Encoding::Json),
        ("application/json;charset=UTF-8", Encoding::Json),
        (" application/x-protobuf ; x=y", Encoding::Protobuf),
        ("APPLICATION/X-PROTOBUF", Encoding::Protobuf),
    ] {
        assert_eq!(Encoding::from_headers(&headers(&[(CONTENT_TYPE, named)])), Ok(encoding), "{named}");
    }
}

#[test]
fn other_content_types_are_refused_and_grpc_by_its_name() {
    for named in ["text/plain", "", "application/jsonp", "application/x-protobuf2", "application/x-ndjson"] {
        let refused = Encoding::from_headers(&headers(&[(CONTENT_TYPE, named)]));
        assert_eq!(refused, Err(Rejection::ContentType), "{named}");
    }
    assert_eq!(Encoding::from_headers(&HeaderMap::new()), Err(Rejection::ContentType));
    for named in ["application/grpc", "application/grpc+proto", "application/GRPC-web+proto"] {
        let refused = Encoding::from_headers(&headers(&[(CONTENT_TYPE, named)]));
        assert_eq!(refused, Err(Rejection::Grpc), "{named}");
    }
}

#[test]
fn grpc_is_told_so_on_its_own_path_too() {
    let path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    let refused = read(&Method::POST, path, &[(CONTENT_TYPE, "application/grpc")]);
    assert_eq!(refused, Err((Encoding::Json, Rejection::Grpc)));
}

#[test]
fn content_encodings_are_known_in_any_case() {
    for (named, coding) in [
        ("", Coding::Identity),
        ("Identity", Coding::Identity),
        ("GZIP", Coding::Gzip),
        ("x-gzip", Coding::Gzip),
        (" zstd ", Coding::Zstd),
        ("Deflate", Coding::Deflate),
    ] {
        assert_eq!(Coding::from_headers(&headers(&[(CONTENT_ENCODING, named)])), Ok(coding), "{named}");
    }
    assert_eq!(Coding::from_headers(&HeaderMap::new()), Ok(Coding::Identity));
}

#[test]
fn unknown_and_chained_content_encodings_are_refused() {
    for named in ["br", "gzip, gzip", "gzip,identity", "compress"] {
        let refused = Coding::from_headers(&headers(&[(CONTENT_ENCODING, named)]));
        assert_eq!(refused, Err(Rejection::ContentEncoding), "{named}");
    }
    let twice = headers(&[(CONTENT_ENCODING, "gzip"), (CONTENT_ENCODING, "gzip")]);
    assert_eq!(Coding::from_headers(&twice), Err(Rejection::ContentEncoding));
}

#[test]
fn a_refusal_is_written_in_the_encoding_of_the_request() {
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        let named = (CONTENT_TYPE, encoding.media_type());
        for (method, path, extra, refusal) in [
            (Method::POST, "/v1/nothing", (CONTENT_LENGTH, "1"), Rejection::NotFound),
            (Method::POST, "/v1/logs/", (CONTENT_LENGTH, "1"), Rejection::NotFound),
            (Method::GET, "/v1/logs", (CONTENT_LENGTH, "1"), Rejection::NotPost),
            (Method::POST, "/v1/logs", (CONTENT_ENCODING, "br"), Rejection::ContentEncoding),
        ] {
            let refused = read(&method, path, &[named.clone(), extra]);
            assert_eq!(refused, Err((encoding, refusal)), "{method} {path}");
        }
    }
    let refused = read(&Method::POST, "/v1/logs", &[(CONTENT_TYPE, "text/plain")]);
    assert_eq!(refused, Err((Encoding::Json, Rejection::ContentType)));
}

#[test]
fn a_declared_length_is_refused_from_one_byte_over_the_limit() {
    let too_large = Err((Encoding::Json, Rejection::TooLarge { size: Size::Sent, limit: 16_777_216 }));
    let json = (CONTENT_TYPE, "application/json");
    for over in ["16777217", "99999999999999999999999999"] {
        let refused = read(&Method::POST, "/v1/traces", &[json.clone(), (CONTENT_LENGTH, over)]);
        assert_eq!(refused, too_large, "{over}");
    }
    for fine in ["16777216", "0", "nonsense", "-5", ""] {
        let taken = read(&Method::POST, "/v1/traces", &[json.clone(), (CONTENT_LENGTH, fine)]);
        assert!(taken.is_ok(), "{fine}");
    }
}
