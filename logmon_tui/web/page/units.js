// Numbers, sizes, times and durations for people, exactly as the program writes them elsewhere.

const STEPS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];
const MINUTE = 60,
  HOUR = 3600,
  DAY = 86400;
const TIE = `5${"0".repeat(29)}`;

// A number with so many decimals; what lies halfway between two goes to the even one.
const fixed = (value, digits = 0) => {
  const text = value.toFixed(digits);
  if (value.toFixed(digits + TIE.length).slice(-TIE.length) !== TIE) return text;
  const unit = 10 ** -digits;
  return "02468".includes(text.slice(-1)) ? text : (value - unit / 2).toFixed(digits);
};

const grouped = (value, digits = 0) => {
  const [whole, part] = fixed(value, digits).split(".");
  const split = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? split : `${split}.${part}`;
};

const scaled = (value) => {
  for (const [factor, unit] of STEPS) {
    // 999.95k would read as 1000k, so it already counts as 1.0M.
    if (value >= factor * 0.9995) {
      const part = value / factor;
      return `${fixed(part, part < 100 ? 1 : 0)}${unit}`;
    }
  }
  return fixed(value);
};

const count = (value) => (value < 1_000_000 ? grouped(value) : scaled(value));

const rate = (value) => {
  if (value > 0 && value < 0.095) return value >= 0.01 ? fixed(value, 2) : "<0.01";
  if (value >= 10_000) return scaled(value);
  return value < 1_000 ? grouped(value, 1) : grouped(value);
};

const size = (value) => {
  const short = value < 1_000 ? fixed(value) : scaled(value);
  return /\d$/.test(short) ? `${short} B` : `${short.slice(0, -1)} ${short.slice(-1)}B`;
};

const percent = (share) => {
  const value = share * 100;
  if (value > 0 && value < 0.05) return "<0.1";
  if (value >= 99.95) return share >= 1 ? "100" : "99.9";
  return fixed(value, 1);
};

const two = (number) => String(number).padStart(2, "0");

const duration = (seconds) => {
  const whole = Math.max(0, Math.trunc(seconds));
  const parts = (unit) => [Math.floor(whole / unit), whole % unit];
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${parts(MINUTE)[0]} m ${two(whole % MINUTE)} s`;
  if (whole < DAY) return `${parts(HOUR)[0]} h ${two(Math.floor(parts(HOUR)[1] / MINUTE))} m`;
  return `${parts(DAY)[0]} d ${two(Math.floor(parts(DAY)[1] / HOUR))} h`;
};

const span = (seconds) => {
  if (seconds > DAY && seconds % DAY === 0) return `${seconds / DAY} d`;
  if (seconds < MINUTE || seconds % MINUTE)
    return seconds > MINUTE ? duration(seconds) : `${seconds} s`;
  if (seconds < HOUR) return `${seconds / MINUTE} min`;
  return seconds % HOUR ? duration(seconds) : `${seconds / HOUR} h`;
};

const whole = (value) => {
  if (value >= 0.9995) return `${fixed(value)} s`;
  return value >= 0.0009995 ? `${fixed(value * 1e3)} ms` : `${fixed(value * 1e6)} µs`;
};

const belowASecond = (value) => {
  if (value < 0.0009995) return value >= 0.0000005 ? `${fixed(value * 1e6)} µs` : "<1 µs";
  const milliseconds = value * 1e3;
  return `${fixed(milliseconds, milliseconds < 9.95 ? 1 : 0)} ms`;
};

// A response time; `resolution` is the precision of the log in seconds, 0 if it is not known.
const seconds = (value, resolution = 0) => {
  let time = value;
  if (resolution) {
    const multiple = Number(fixed(time / resolution));
    if (multiple <= 0) return `<${whole(resolution)}`;
    time = multiple * resolution;
    if (multiple < 10 || (resolution >= 1 && time < 999.5)) return whole(time);
  }
  if (time < 0.9995) return time > 0 ? belowASecond(time) : "0 s";
  if (time < 999.5) return `${fixed(time, time < 9.995 ? 2 : time < 99.95 ? 1 : 0)} s`;
  return time < 99.5 * MINUTE ? `${fixed(time / MINUTE)} min` : `${fixed(time / HOUR)} h`;
};

const iso = (epoch) => new Date(Math.trunc(epoch) * 1000).toISOString();
const clock = (epoch) => iso(epoch).slice(11, 19);
const dateTime = (epoch) => iso(epoch).slice(0, 19).replace("T", " ");
