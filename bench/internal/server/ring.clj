;; The application of the contestants, as Ring's documentation writes one.
(require '[ring.adapter.jetty :refer [run-jetty]]
         '[ring.middleware.flash :refer [wrap-flash]]
         '[ring.middleware.session :refer [wrap-session]]
         '[ring.util.codec :refer [form-decode]])

(def value "some value")
(def turn (atom 0))

(defn text [s] {:status 200 :headers {"Content-Type" "text/plain; charset=utf-8"} :body (or s "")})

(defn query [{q :query-string} k]
  (when q (get (form-decode q) k)))

(defn gate [req]
  (when-let [url (query req "gate")] (slurp url)))

(defn visit [{session :session}]
  (let [n (inc (:visits session 0))]
    (assoc (text (str n)) :session (assoc session :visits n))))

(defn handler [{session :session :as req}]
  (case (:uri req)
    "/read" (text (:key000 session))
    "/write" (assoc (text "ok") :session (assoc session :key000 (["some value" "other value"] (mod (swap! turn inc) 2))))
    "/fill" (assoc (text "ok")
                   :session (reduce #(assoc %1 (keyword (format "key%03d" %2)) value)
                                    session (range (Integer/parseInt (query req "keys")))))
    "/put" {:status 303 :headers {"Location" "/page"} :body "" :flash "Saved"}
    ("/page" "/poll") (text (:flash req))
    "/visit" (visit req)
    "/count" (do (gate req) (visit req))
    "/set" (do (gate req) (assoc (text "ok") :session (assoc session (keyword (query req "key")) value)))
    "/get" (text (get session (keyword (query req "key"))))
    "/login" (assoc (text "ok") :session (vary-meta (assoc session :user "Ann") assoc :recreate true))
    "/logout" (assoc (text "ok") :session nil)
    "/who" (text (:user session))
    (text "ok")))

(let [flashing (wrap-flash handler)
      app (wrap-session (fn [req] (if (#{"/put" "/page" "/poll"} (:uri req)) (flashing req) (handler req))))
      server (run-jetty app {:host "127.0.0.1" :port 0 :join? false :min-threads 8 :max-threads 200})]
  (println (str "http://127.0.0.1:" (.getLocalPort (first (.getConnectors server)))))
  (flush)
  (while (not (neg? (.read System/in)))) ; whoever started it has gone
  (System/exit 0))
