// An LV2 plug-in around a program that Faust wrote ("program.h") and the table of its controls ("table.h").
//
// Ports, in this order: audio in, audio out, the controls of the table, the gain reduction in dB where the program is
// metered, and `enabled`. At rest a block is one call of the program, to the bit what the program computes by itself.
// While a control is on its way to a new value, it takes small steps on its own scale, and the program is called for
// each; the first run after activation starts at the values it finds.
//
// Nothing is allocated, locked or written outside the plug-in after it is made.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <math.h>
#include <new>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

// ------------------------------------------------------------------------------- what Faust's classes lean on

struct dsp {
    virtual ~dsp() = default;
};

struct Meta {
    void declare(const char*, const char*) {}
};

// Finds the controls of a program by their labels.
struct UI {
    const char* wanted;
    float* found = nullptr;

    void openVerticalBox(const char*) {}
    void closeBox() {}
    void declare(float*, const char*, const char*) {}
    void addCheckButton(const char* label, float* zone) { take(label, zone); }
    void addHorizontalSlider(const char* label, float* zone, float, float, float, float) { take(label, zone); }
    void addVerticalSlider(const char* label, float* zone, float, float, float, float) { take(label, zone); }
    void addNumEntry(const char* label, float* zone, float, float, float, float) { take(label, zone); }

    void take(const char* label, float* zone)
    {
        if (std::strcmp(label, wanted) == 0) {
            found = zone;
        }
    }
};

// How a control gets from one value to the next: evenly, evenly per octave, or (`crossed`) by a second control that
// holds the next value and a third that blends from the first to the second, from 0 to 1.
enum class Glide { linear, logarithmic, toggle, crossed };

struct Row {
    const char* label;
    float low, high, initial;
    Glide glide;
    const char* next = nullptr;
    const char* crossing = nullptr;
};

#include "table.h"

// The program twice: for every processor, and for those that multiply and add in one rounding, as the offline engine
// does where it can. That is nearer to it: a low cut on a bass drum agrees to -120 dB instead of -92.
namespace plain {
#include "program.h"
}
#undef __Program_H__
#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("fma")
namespace fused {
#include "program.h"
}
#pragma GCC pop_options
#endif

namespace {

constexpr double highest_rate = 192000.0; // Faust's library takes no higher one
constexpr float glide_seconds = 0.02f;
constexpr float step_seconds = 1.0f / 48000.0f; // finer is not cheap any more, and coarser can be heard
constexpr uint32_t chunk_samples = 512;
constexpr int num_controls = sizeof(rows) / sizeof(rows[0]);
constexpr Row enabled_row = {"enabled", 0.0f, 1.0f, 1.0f, Glide::toggle};

// Very small numbers count as zero while one of these lives: they would take a hundred times as long.
class SmallIsZero {
public:
#if defined(__SSE__)
    SmallIsZero() : before(_mm_getcsr()) { _mm_setcsr(before | 0x8040); }
    ~SmallIsZero() { _mm_setcsr(before); }

private:
    unsigned before;
#elif defined(__aarch64__)
    SmallIsZero()
    {
        asm volatile("mrs %0, fpcr" : "=r"(before));
        asm volatile("msr fpcr, %0" : : "r"(before | (uint64_t(1) << 24)));
    }
    ~SmallIsZero() { asm volatile("msr fpcr, %0" : : "r"(before)); }

private:
    uint64_t before;
#endif
};

class Control {
public:
    const float* port = nullptr;

    void bind(const Row& its_row, float* its_value, float* its_next = nullptr, float* its_crossing = nullptr)
    {
        row = &its_row;
        value = its_value;
        next = its_next;
        crossing = its_crossing;
        target = row->initial;
        arrive();
    }

    bool is_moving() const { return samples_left > 0; }

    // Looks at the port, and sets out for a value that is new.
    void look(int glide_samples)
    {
        const float wanted = asked();
        if (wanted == target || (is_moving() && row->glide == Glide::crossed)) {
            return;
        }
        from = *value;
        target = wanted;
        samples_left = samples_in_all = glide_samples;
        if (next) {
            *next = target;
        }
    }

    void snap()
    {
        target = asked();
        arrive();
    }

    // Where the control stands `count` samples later.
    void advance(int count)
    {
        if (!is_moving()) {
            return;
        }
        samples_left = std::max(samples_left - count, 0);
        if (!is_moving()) {
            arrive();
            return;
        }
        const float share = 1.0f - float(samples_left) / float(samples_in_all);
        if (row->glide == Glide::crossed) {
            *crossing = share;
        } else if (row->glide == Glide::logarithmic) {
            *value = from * std::pow(target / from, share);
        } else {
            *value = from + share * (target - from);
        }
    }

private:
    // What the host asks for, inside the range; a port that is missing or holds no number asks for nothing new.
    float asked() const
    {
        if (!port || std::isnan(*port)) {
            return target;
        }
        if (row->glide == Glide::toggle) {
            return *port > 0.0f ? 1.0f : 0.0f;
        }
        return std::min(std::max(*port, row->low), row->high);
    }

    void arrive()
    {
        samples_left = 0;
        *value = target;
        if (next) {
            *next = target;
            *crossing = 0.0f;
        }
    }

    const Row* row = nullptr;
    float* value = nullptr;
    float* next = nullptr;
    float* crossing = nullptr;
    float from = 0.0f;
    float target = 0.0f;
    int samples_left = 0;
    int samples_in_all = 1;
};

class Plugin {
public:
    virtual ~Plugin() = default;
    virtual void connect(uint32_t port, float* data) = 0;
    virtual void activate() = 0;
    virtual void run(uint32_t num_samples) = 0;
};

template <class Program> class Hosted final : public Plugin {
public:
    // False where a row of the table has no control in the program.
    bool prepare(int sample_rate)
    {
        program.init(sample_rate);
        glide_samples = std::max(int(glide_seconds * float(sample_rate)), 1);
        step_samples = std::max(uint32_t(std::lround(step_seconds * float(sample_rate))), uint32_t(1));
        for (int i = 0; i < num_controls; ++i) {
            const Row& row = rows[i];
            float* const zone = zone_of(row.label);
            float* const next = row.next ? zone_of(row.next) : nullptr;
            float* const crossing = row.crossing ? zone_of(row.crossing) : nullptr;
            if (!zone || (row.glide == Glide::crossed && !(next && crossing))) {
                return false;
            }
            controls[i].bind(row, zone, next, crossing);
        }
        controls[num_controls].bind(enabled_row, &wetness);
        return true;
    }

    void connect(uint32_t port, float* data) override
    {
        constexpr uint32_t first_control = 2 * num_channels, meter_port = first_control + num_controls;
        if (port < num_channels) {
            inputs[port] = data;
        } else if (port < first_control) {
            outputs[port - num_channels] = data;
        } else if (port < meter_port) {
            controls[port - first_control].port = data;
        } else if (is_metered && port == meter_port) {
            meter = data;
        } else if (port == meter_port + is_metered) {
            controls[num_controls].port = data;
        }
    }

    void activate() override
    {
        program.instanceClear();
        is_fresh = true;
    }

    void run(uint32_t num_samples) override
    {
        const SmallIsZero guard;
        for (Control& control : controls) {
            is_fresh ? control.snap() : control.look(glide_samples);
        }
        is_fresh = false;
        reduction_db = 0.0f;
        for (uint32_t done = 0; done < num_samples;) {
            const uint32_t count = std::min(num_samples - done, is_moving() ? step_samples : chunk_samples);
            process(done, count);
            done += count;
        }
        if (meter) {
            *meter = reduction_db;
        }
    }

private:
    float* zone_of(const char* label)
    {
        UI search{label};
        program.buildUserInterface(&search);
        return search.found;
    }

    bool is_moving() const
    {
        return std::any_of(controls, controls + num_controls + 1, [](const Control& c) { return c.is_moving(); });
    }

    // The host may hand over the same memory as input and output: so the input is kept first.
    void process(uint32_t start, uint32_t count)
    {
        const float wet_before = wetness;
        for (Control& control : controls) {
            control.advance(int(count));
        }
        for (int c = 0; c < num_channels; ++c) {
            std::copy_n(inputs[c] + start, count, dry[c]);
        }
        float* from[] = {dry[0], dry[num_channels - 1]};
        float* to[] = {wet[0], wet[1], wet[2]};
        program.compute(int(count), from, to);
        if (!is_sound(count)) {
            program.instanceClear();
            std::fill_n(&wet[0][0], sizeof(wet) / sizeof(float), 0.0f);
        }
        for (int c = 0; c < num_channels; ++c) {
            blend(outputs[c] + start, c, count, wet_before);
        }
        if (is_metered && wetness > 0.0f) {
            reduction_db = std::max(reduction_db, *std::max_element(wet[num_channels], wet[num_channels] + count));
        }
    }

    // A number that is none would stay in the filters for good.
    bool is_sound(uint32_t count) const
    {
        bool sound = true;
        for (int c = 0; c < num_channels + is_metered; ++c) {
            for (uint32_t i = 0; i < count; ++i) {
                sound &= std::fabs(wet[c][i]) <= FLT_MAX;
            }
        }
        return sound;
    }

    void blend(float* output, int channel, uint32_t count, float wet_before) const
    {
        if (wetness == wet_before && (wetness == 0.0f || wetness == 1.0f)) {
            std::copy_n(wetness == 1.0f ? wet[channel] : dry[channel], count, output);
            return;
        }
        const float slope = (wetness - wet_before) / float(count);
        for (uint32_t i = 0; i < count; ++i) {
            const float share = wet_before + slope * float(i + 1);
            output[i] = dry[channel][i] + share * (wet[channel][i] - dry[channel][i]);
        }
    }

    Program program;
    Control controls[num_controls + 1]; // the last one is `enabled`
    const float* inputs[num_channels] = {};
    float* outputs[num_channels] = {};
    float* meter = nullptr;
    float dry[num_channels][chunk_samples];
    float wet[3][chunk_samples];
    float wetness = 1.0f;
    float reduction_db = 0.0f;
    int glide_samples = 1;
    uint32_t step_samples = 1;
    bool is_fresh = true;
};

// -------------------------------------------------------------------------------------------- LV2's interface
// The structure that every LV2 host reads, by the specification's core (lv2plug.in/ns/lv2core, version 1).

struct Descriptor {
    const char* uri;
    void* (*instantiate)(const Descriptor*, double sample_rate, const char* bundle, const void* const* features);
    void (*connect_port)(void*, uint32_t port, void* data);
    void (*activate)(void*);
    void (*run)(void*, uint32_t num_samples);
    void (*deactivate)(void*);
    void (*cleanup)(void*);
    const void* (*extension_data)(const char* uri);
};

template <class Program> Plugin* made(int sample_rate)
{
    auto* const plugin = new (std::nothrow) Hosted<Program>();
    if (plugin && !plugin->prepare(sample_rate)) {
        delete plugin;
        return nullptr;
    }
    return plugin;
}

void* instantiate(const Descriptor*, double sample_rate, const char*, const void* const*)
{
    if (!(sample_rate >= 1.0 && sample_rate <= highest_rate)) {
        return nullptr;
    }
    const int whole_rate = int(std::lround(sample_rate));
#if defined(__x86_64__)
    if (__builtin_cpu_supports("fma")) {
        return made<fused::Program>(whole_rate);
    }
#endif
    return made<plain::Program>(whole_rate);
}

void connect_port(void* plugin, uint32_t port, void* data)
{
    static_cast<Plugin*>(plugin)->connect(port, static_cast<float*>(data));
}

void activate(void* plugin) { static_cast<Plugin*>(plugin)->activate(); }
void run(void* plugin, uint32_t num_samples) { static_cast<Plugin*>(plugin)->run(num_samples); }
void deactivate(void*) {}
void cleanup(void* plugin) { delete static_cast<Plugin*>(plugin); }
const void* extension_data(const char*) { return nullptr; }

const Descriptor descriptor = {uri, instantiate, connect_port, activate, run, deactivate, cleanup, extension_data};

} // namespace

extern "C" __attribute__((visibility("default"))) const Descriptor* lv2_descriptor(uint32_t index)
{
    return index == 0 ? &descriptor : nullptr;
}
