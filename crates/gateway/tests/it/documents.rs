use serde_json::{Value, json};
use testkit::TestDb;

use crate::house::House;

#[tokio::test]
async fn all_documents_are_one() {
    let house = House::full(TestDb::sqlite()).await;
    let answer = house.nobody().get("/openapi.json").await;
    let etag = answer.etag();
    let document = answer.expect(200);
    assert_eq!((&document["openapi"], &document["info"]["title"]), (&json!("3.1.0"), &json!("Guanxi")));
    assert_eq!(document["servers"], json!([{ "url": "/" }]));
    let schemes: Vec<&String> = document["components"]["securitySchemes"].as_object().unwrap().keys().collect();
    assert_eq!(schemes, ["api_key", "bearer"]);
    for path in
        ["/api/v1/me", "/api/v1/customers/{id}", "/api/v1/customers/{customer_id}/score", "/api/v1/customers/{id}/360"]
    {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    assert_eq!(
        document["paths"]["/api/v1/customers"]["post"]["security"],
        json!([{ "api_key": ["customers:write"] }, { "bearer": ["customers:write"] }])
    );
    assert_eq!(
        document["components"]["schemas"]["Thing"]["properties"].as_object().unwrap().keys().next().unwrap(),
        "name"
    );
    assert_eq!(
        document["components"]["schemas"]["ScoringThing"]["properties"].as_object().unwrap().keys().next().unwrap(),
        "score"
    );
    dangling(&document, &document);

    let again = house.nobody().request(reqwest::Method::GET, "/openapi.json").header("if-none-match", etag);
    assert_eq!(house.nobody().send(again).await.status, 304);
}

/// Every reference leads somewhere.
fn dangling(document: &Value, part: &Value) {
    match part {
        Value::Object(object) => {
            if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                assert!(found.is_some(), "{target} leads nowhere");
            }
            object.values().for_each(|part| dangling(document, part));
        }
        Value::Array(parts) => parts.iter().for_each(|part| dangling(document, part)),
        _ => {}
    }
}

#[tokio::test]
async fn the_pages_come_from_here() {
    let house = House::alone(TestDb::sqlite()).await;
    for path in ["/", "/docs"] {
        let answer = house.nobody().get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/docs/")), "{path}");
    }
    let page = house.nobody().get("/docs/").await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let page = page.expect(200).to_string();
    assert!(page.contains("swagger-ui") && !page.contains("https://"), "{page}");
    let script = house.nobody().get("/docs/swagger-initializer.js").await.expect(200).to_string();
    assert!(script.contains("/openapi.json"), "{script}");
    assert!(script.contains(r#"validatorUrl\": \"none\""#), "{script}");
    house.nobody().get("/docs/swagger-ui-bundle.js").await.expect(200);
    assert_eq!(house.nobody().get("/docs/nothing.js").await.problem(), (404, "path-unknown"));
}

#[tokio::test]
async fn readiness_includes_the_services() {
    let house = House::full(TestDb::sqlite()).await;
    let ready = house.nobody().get("/readyz").await.expect(200);
    assert_eq!(
        ready["services"],
        json!({ "registry": true, "interactions": true, "complaints": true, "scoring": true })
    );
    let alone = House::alone(TestDb::sqlite()).await;
    let unready = alone.nobody().get("/readyz").await.expect(503);
    assert_eq!(unready["services"]["registry"], false);
    house.nobody().get("/livez").await.expect(200);
}
