use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::app::{App, send};

async fn titles(app: &App, query: &str) -> (Vec<String>, Option<String>) {
    let answer = send(app.get(&format!("/api/v1/notes?{query}"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let page = answer.json();
    let titles =
        page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    (titles, page["next_cursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let app = App::start().await;
    // Equal titles are told apart by the id.
    for title in ["b", "a", "c", "b", "d"] {
        app.create(title).await;
    }
    for (sort, expected) in [("title", ["a", "b", "b", "c", "d"]), ("-title", ["d", "c", "b", "b", "a"])] {
        let (mut seen, mut cursor) = (vec![], None);
        loop {
            let query = cursor.map_or_else(String::new, |cursor: String| format!("&cursor={cursor}"));
            let (page, next) = titles(&app, &format!("sort={sort}&limit=2{query}")).await;
            seen.extend(page);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{sort}");
    }
    assert_eq!(titles(&app, "title=b").await.0, ["b", "b"]);
    let counted = send(app.get("/api/v1/notes?limit=1&count=exact")).await.json();
    assert_eq!(counted["count"], 5);
    assert_eq!(send(app.get("/api/v1/notes")).await.json().get("count"), None::<&Value>);
}

#[tokio::test]
async fn a_cursor_that_is_not_ours_is_refused() {
    let (app, other) = (App::start().await, App::start().await);
    for app in [&app, &other] {
        app.create("a").await;
        app.create("b").await;
    }
    let cursor = titles(&app, "limit=1").await.1.unwrap();
    let foreign = titles(&other, "limit=1").await.1.unwrap();
    let tampered = format!("A{}", &cursor[1..]);
    for query in [
        format!("cursor={foreign}"),
        format!("cursor={tampered}"),
        "cursor=nonsense".to_owned(),
        format!("cursor={cursor}&sort=-title"),
    ] {
        let answer = send(app.get(&format!("/api/v1/notes?{query}"))).await;
        assert_eq!(answer.code(), (400, "cursor-invalid".to_owned()), "{query}");
    }
    assert_json_snapshot!(send(app.get("/api/v1/notes?cursor=nonsense")).await.problem(), @r#"
    {
      "code": "cursor-invalid",
      "detail": "this cursor is not one of this list and sort order; start again without it",
      "instance": "/api/v1/notes",
      "status": 400,
      "title": "Cursor invalid",
      "trace_id": "<trace>",
      "type": "/problems/cursor-invalid"
    }
    "#);
    assert_eq!(titles(&app, &format!("cursor={cursor}")).await.0, ["b"]);
}

#[tokio::test]
async fn every_fault_of_the_query_is_named_at_once() {
    let app = App::start().await;
    let answer = send(app.get("/api/v1/notes?limit=1000&count=roughly&titel=x&title=much-too-long")).await;
    assert_json_snapshot!(answer.problem(), @r#"
    {
      "code": "query-invalid",
      "detail": "4 values in the query are wrong",
      "errors": [
        {
          "code": "not-allowed",
          "message": "must be one of exact",
          "pointer": "?count"
        },
        {
          "code": "out-of-range",
          "message": "must be at most 200",
          "pointer": "?limit"
        },
        {
          "code": "unknown-parameter",
          "message": "there is no such parameter",
          "pointer": "?titel"
        },
        {
          "code": "too-long",
          "message": "must be at most 10 characters",
          "pointer": "?title"
        }
      ],
      "instance": "/api/v1/notes",
      "status": 400,
      "title": "Query invalid",
      "trace_id": "<trace>",
      "type": "/problems/query-invalid"
    }
    "#);
    let answer = send(app.get("/api/v1/notes?sort=colour")).await;
    assert_json_snapshot!(answer.problem()["errors"], @r#"
    [
      {
        "code": "not-allowed",
        "message": "must be of title",
        "pointer": "?sort"
      }
    ]
    "#);
    assert_eq!(send(app.get("/api/v1/notes?limit=200&title=")).await.json(), json!({"items": [], "next_cursor": null}));
}
