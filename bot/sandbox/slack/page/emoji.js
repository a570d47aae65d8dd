/** The few emoji shortcodes that bots use; others stay as typed. */

const EMOJI = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", ok_hand: "👌", wave: "👋", pray: "🙏", clap: "👏", eyes: "👀",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎",
  warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", rotating_light: "🚨", exclamation: "❗", question: "❓",
  grey_question: "❔", information_source: "ℹ️", bulb: "💡", memo: "📝", pushpin: "📌", link: "🔗", lock: "🔒", unlock: "🔓", key: "🔑",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", calendar: "📅", clock3: "🕒", zzz: "💤",
  arrows_counterclockwise: "🔄", arrow_up: "⬆️", arrow_down: "⬇️", arrow_right: "➡️", arrow_left: "⬅️", repeat: "🔁",
  large_green_circle: "🟢", green_circle: "🟢", red_circle: "🔴", large_red_circle: "🔴", large_yellow_circle: "🟡", large_orange_circle: "🟠",
  large_blue_circle: "🔵", large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫", large_green_square: "🟩", large_red_square: "🟥",
  bell: "🔔", no_bell: "🔕", mute: "🔇", loud_sound: "🔊", speech_balloon: "💬", mag: "🔍", gear: "⚙️", wrench: "🔧", hammer_and_wrench: "🛠️",
  satellite_antenna: "📡", signal_strength: "📶", electric_plug: "🔌", battery: "🔋", computer: "💻", globe_with_meridians: "🌐", house: "🏠",
  office: "🏢", hotel: "🏨", coffee: "☕", bar_chart: "📊", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉",
  tada: "🎉", rocket: "🚀", fire: "🔥", boom: "💥", sparkles: "✨", star: "⭐", heart: "❤️", robot_face: "🤖", ghost: "👻", smile: "😄",
  slightly_smiling_face: "🙂", thinking_face: "🤔", sweat_smile: "😅", cry: "😢", raised_hands: "🙌", busts_in_silhouette: "👥",
};

/** The characters of a shortcode, or null. */
export function emoji(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}
