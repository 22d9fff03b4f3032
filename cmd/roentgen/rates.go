package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/rates"
)

// registerRates shows what the book of rates knows of itself.
func registerRates(reg prometheus.Registerer, b *rates.Book) {
	gauge := func(name, help string, value func(rates.Stats) float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(b.Stats()) }))
	}
	counter := func(name, help string, value func(rates.Stats) int64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(b.Stats())) }))
	}
	gauge("roentgen_rates_minutes", "Minutes of which counts of agents are known.", func(s rates.Stats) float64 { return float64(s.Minutes) })
	gauge("roentgen_rates_hours", "Hours of which counts of agents are known.", func(s rates.Stats) float64 { return float64(s.Hours) })
	gauge("roentgen_rates_bytes", "Memory of these counts, in bytes.", func(s rates.Stats) float64 { return float64(s.Bytes) })
	gauge("roentgen_rates_damage", "Places at which the log of these counts was damaged when it was opened.", func(s rates.Stats) float64 { return float64(len(s.Damage)) })
	counter("roentgen_rates_batches_total", "Batches of roll-ups that were counted.", func(s rates.Stats) int64 { return s.Batches })
	counter("roentgen_rates_repeated_total", "Batches of roll-ups that had been counted before.", func(s rates.Stats) int64 { return s.Repeated })
	counter("roentgen_rates_outside_total", "Minutes too old or too far in the future to be counted: look at the clocks of the agents' hosts.", func(s rates.Stats) int64 { return s.Outside })
}
