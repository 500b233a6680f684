use std::collections::BTreeMap;

use chassis::Access;
use uuid::Uuid;

use crate::App;

impl App {
    /// Calls every operation as a stranger and as a caller without any permission, but for those that are expected to
    /// be `public`.
    ///
    /// # Panics
    /// When one answers, or when operations and the permissions they need are others than `expected`.
    pub async fn assert_guarded(&self, expected: &[(&str, &str)]) {
        let nobody = self.client(&[]);
        let mut needed = BTreeMap::new();
        for operation in self.context().operations.iter() {
            needed.insert(operation.id.clone(), operation.access.clone());
            if operation.access == Access::Public {
                continue;
            }
            let path = filled(&operation.path);
            let method = || operation.method.as_str().parse().expect("a method");
            let anonymous = nobody.send(reqwest::Client::new().request(method(), self.url() + &path)).await;
            assert_eq!(anonymous.problem(), (401, "token-missing"), "{}", operation.id);
            let powerless = nobody.send(nobody.request(method(), &path)).await;
            assert_eq!(powerless.problem(), (403, "permission-missing"), "{}", operation.id);
        }
        let permission = |name: &str| match name {
            "public" => Access::Public,
            name => Access::Permissions(vec![vec![name.to_owned()]]),
        };
        let expected = expected.iter().map(|(id, name)| ((*id).to_owned(), permission(name)));
        assert_eq!(needed, expected.collect());
    }
}

/// The path with an id in place of each parameter.
fn filled(path: &str) -> String {
    let id = Uuid::now_v7().to_string();
    let segment = |segment: &str| if segment.starts_with('{') { id.clone() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}
