# ./dev demo: from nothing to a trained sentiment model. Sourced by ./dev.
#
# The data are three sets of review sentences (Amazon, IMDb, Yelp; "From Group to Individual Labels using Deep
# Features", Kotzias et al., 2015) as the npm package `sentiment` ships them. It is unpacked, nothing of it is run.

demo_package=sentiment@5.0.2
demo_sets='amazon imdb yelp'

demo_data_is_there() {
  local name
  for name in $demo_sets; do [ -s "demo/$name.json" ] || return 1; done
}

# Puts demo/{amazon,imdb,yelp}.json in place, once.
fetch_demo_data() {
  local name
  demo_data_is_there && return
  setup demo
  mkdir -p demo build/demo
  echo "demo: getting the npm package $demo_package"
  npm pack --silent --ignore-scripts --pack-destination build/demo "$demo_package" >/dev/null
  for name in $demo_sets; do
    tar -xzOf build/demo/sentiment-5.0.2.tgz "package/test/fixtures/$name.json" >"build/demo/$name.json"
    mv "build/demo/$name.json" "demo/$name.json"
  done
}

demo() {
  local rondo=build/release/bin/rondo model=demo/sentiment.rondo
  setup build
  fetch_demo_data
  build release -DRONDO_BUILD_TESTS=OFF
  echo
  echo "demo: $rondo train classify demo/amazon.json demo/imdb.json demo/yelp.json --out $model"
  "$rondo" train classify demo/amazon.json demo/imdb.json demo/yelp.json --out "$model"
  echo
  echo "demo: $rondo predict $model TEXT...   (label, probability, text; 1 is a good review, 0 a bad one)"
  "$rondo" predict "$model" "What a lovely film, I would watch it again." \
    "The battery died after two days and nobody answered my mails." \
    "Great food, friendly staff, fair prices."
  cat <<TEXT

The model is $model; the report of its training is $model.run/report.html (open it in a browser).
Next:
  $rondo predict $model "Your own sentence"
  $rondo inspect $model
  $rondo train classify YOUR_FILE.tsv --out mine.rondo     (one text and one label per line)
TEXT
}
